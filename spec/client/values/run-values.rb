# Writes values with dalli, or prints those that it reads. Arguments: port, `write` or `read`.
require 'dalli'

client = Dalli::Client.new("127.0.0.1:#{ARGV[0]}", compression_min_size: 100)
if ARGV[1] == 'write'
  client.set('text', 'grüße', nil, raw: true)
  client.set('bytes', "\x00\xFF\r\n".b, nil, raw: true)
  client.set('integer', 42, nil, raw: true)
  client.set('compressed', 'x' * 1000, nil, raw: true)
  client.set('object', [1])
else
  %w[text empty bytes compressed].each do |key|
    puts "#{key}: #{client.get(key).b.inspect[0, 40]}"
  end
end
