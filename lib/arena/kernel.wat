;; What the processor does better than JavaScript: to move, to compare and to hash bytes of the arena, and to take and give back
;; what several workers share.
;; kernel.ts holds this module compiled; spec/arena/kernel.spec.ts compiles it again and compares.
(module
  (import "arena" "memory" (memory 1 65536 shared))

  (func (export "move") (param $target i32) (param $source i32) (param $length i32)
    (memory.copy (local.get $target) (local.get $source) (local.get $length)))

  ;; 1 when the two stretches hold the same bytes. Reads up to 7 bytes behind each and masks them off.
  (func (export "equal") (param $a i32) (param $b i32) (param $length i32) (result i32)
    (block $different
      (block $tail
        (loop $words
          (br_if $tail (i32.lt_u (local.get $length) (i32.const 8)))
          (br_if $different (i64.ne (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (i32.const 8)))
          (local.set $length (i32.sub (local.get $length) (i32.const 8)))
          (br $words)))
      (return
        (i64.eqz
          (i64.and
            (i64.xor (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b)))
            (i64.sub
              (i64.shl (i64.const 1) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 3)))
              (i64.const 1))))))
    (i32.const 0))

  ;; SipHash-1-3 with the 16-byte key at the start of the arena, folded to its low 32 bits.
  (func (export "hash") (param $start i32) (param $length i32) (result i32)
    (local $v0 i64) (local $v1 i64) (local $v2 i64) (local $v3 i64)
    (local $word i64) (local $left i32)
    (local.set $v0 (i64.xor (i64.load (i32.const 0)) (i64.const 0x736f6d6570736575)))
    (local.set $v1 (i64.xor (i64.load (i32.const 8)) (i64.const 0x646f72616e646f6d)))
    (local.set $v2 (i64.xor (i64.load (i32.const 0)) (i64.const 0x6c7967656e657261)))
    (local.set $v3 (i64.xor (i64.load (i32.const 8)) (i64.const 0x7465646279746573)))
    ;; Every whole word, then one made of the bytes left over with the length above them, then three empty rounds.
    (local.set $left (local.get $length))
    (loop $rounds
      (local.set $word (i64.const 0))
      (if (i32.ge_s (local.get $left) (i32.const 0))
        (then
          (local.set $word (i64.load align=1 (local.get $start)))
          (if (i32.lt_s (local.get $left) (i32.const 8))
            (then
              (local.set $word
                (i64.or
                  (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 56))
                  (i64.and
                    (local.get $word)
                    (i64.sub
                      (i64.shl (i64.const 1) (i64.shl (i64.extend_i32_u (local.get $left)) (i64.const 3)))
                      (i64.const 1)))))
              (local.set $left (i32.const 7)))))) ;; so that the next step of 8 makes it -1
      (local.set $v3 (i64.xor (local.get $v3) (local.get $word)))
      ;; one SipHash round
      (local.set $v0 (i64.add (local.get $v0) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 13)) (local.get $v0)))
      (local.set $v0 (i64.rotl (local.get $v0) (i64.const 32)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 16)) (local.get $v2)))
      (local.set $v0 (i64.add (local.get $v0) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 21)) (local.get $v0)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 17)) (local.get $v2)))
      (local.set $v2 (i64.rotl (local.get $v2) (i64.const 32)))
      (local.set $v0 (i64.xor (local.get $v0) (local.get $word)))
      (local.set $start (i32.add (local.get $start) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 8)))
      ;; -1 means that the last word is in
      (if (i32.eq (local.get $left) (i32.const -1))
        (then (local.set $v2 (i64.xor (local.get $v2) (i64.const 0xff)))))
      (br_if $rounds (i32.gt_s (local.get $left) (i32.const -25))))
    (i32.wrap_i64
      (i64.xor (i64.xor (local.get $v0) (local.get $v1)) (i64.xor (local.get $v2) (local.get $v3)))))

  ;; The words of the read-write lock: lib/store/lock/rw-lock.ts. Bit 15 of a word is a mark that says nothing of its owner.

  ;; Names the stripe in one's own lease. Who writes there, or 0.
  (func (export "leaseStripe") (param $lease i32) (param $stripe i32) (param $writer i32) (result i32)
    (i32.atomic.store (local.get $lease) (local.get $stripe))
    (i32.atomic.load (local.get $writer)))

  ;; Claims the writer word of a stripe. What it held already; or, when it was free, -1 if a lease names the stripe, else 0.
  (func (export "claimStripe") (param $writer i32) (param $owner i32)
    (param $lease i32) (param $leasesEnd i32) (param $stripe i32) (result i32)
    (local $seen i32)
    (local.set $seen (i32.atomic.rmw.cmpxchg (local.get $writer) (i32.const 0) (local.get $owner)))
    (if (local.get $seen) (then (return (local.get $seen))))
    (loop $leases
      (if (i32.eq (i32.and (i32.atomic.load (local.get $lease)) (i32.const 0x7fff)) (local.get $stripe))
        (then (return (i32.const -1))))
      (local.set $lease (i32.add (local.get $lease) (i32.const 64)))
      (br_if $leases (i32.lt_u (local.get $lease) (local.get $leasesEnd))))
    (i32.const 0))

  ;; Sets a word to 0. What it held.
  (func (export "giveBack") (param $word i32) (result i32)
    (i32.atomic.rmw.xchg (local.get $word) (i32.const 0)))
)
