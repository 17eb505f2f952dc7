;; Moves and compares bytes between the arena and an item memory, for servers whose items lie in several memories. Node 20 cannot
;; compile a module with two memories.
;; bridge.ts holds this module compiled; spec/arena/item-memories.spec.ts compiles it again and compares.
(module
  (import "arena" "memory" (memory $arena 1 65536 shared))
  (import "items" "memory" (memory $items 1 65536 shared))

  (func (export "moveIn") (param $target i32) (param $source i32) (param $length i32)
    (memory.copy $items $arena (local.get $target) (local.get $source) (local.get $length)))

  (func (export "moveOut") (param $target i32) (param $source i32) (param $length i32)
    (memory.copy $arena $items (local.get $target) (local.get $source) (local.get $length)))

  ;; As in kernel.wat; the first range is in the item memory.
  (func (export "equal") (param $a i32) (param $b i32) (param $length i32) (result i32)
    (block $different
      (block $tail
        (loop $words
          (br_if $tail (i32.lt_u (local.get $length) (i32.const 8)))
          (br_if $different
            (i64.ne (i64.load $items align=1 (local.get $a)) (i64.load $arena align=1 (local.get $b))))
          (local.set $a (i32.add (local.get $a) (i32.const 8)))
          (local.set $b (i32.add (local.get $b) (i32.const 8)))
          (local.set $length (i32.sub (local.get $length) (i32.const 8)))
          (br $words)))
      (return
        (i64.eqz
          (i64.and
            (i64.xor (i64.load $items align=1 (local.get $a)) (i64.load $arena align=1 (local.get $b)))
            (i64.sub
              (i64.shl (i64.const 1) (i64.shl (i64.extend_i32_u (local.get $length)) (i64.const 3)))
              (i64.const 1))))))
    (i32.const 0))
)
