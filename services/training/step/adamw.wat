;; AdamW over one memory, four floats at a time. Pointers count bytes; `count` counts floats and is a
;; multiple of 4. adamw-wasm.ts holds the compiled bytes, a test compares them with this text.
(module
  (import "state" "memory" (memory 1 65536))

  ;; Σ x²
  (func (export "sumOfSquares") (param $x i32) (param $count i32) (result f64)
    (local $four v128) (local $low v128) (local $high v128) (local $sum v128)
    (block $done
      (loop $next
        (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
        (local.set $four (v128.load (local.get $x)))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $four)))
        (local.set $high
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
              (local.get $four) (local.get $four))))
        (local.set $sum
          (f64x2.add (local.get $sum)
            (f64x2.add
              (f64x2.mul (local.get $low) (local.get $low))
              (f64x2.mul (local.get $high) (local.get $high)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $count (i32.sub (local.get $count) (i32.const 4)))
        (br $next)))
    (f64.add
      (f64x2.extract_lane 0 (local.get $sum))
      (f64x2.extract_lane 1 (local.get $sum))))

  ;; g ← factor · g;  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
  ;; w ← kept · w − rate · m / (√v + ε)
  (func (export "adamw")
    (param $w i32) (param $m i32) (param $v i32) (param $g i32) (param $count i32)
    (param $factor f32) (param $beta1 f32) (param $beta2 f32)
    (param $rate f32) (param $kept f32) (param $epsilon f32)
    (local $gradient v128) (local $moment1 v128) (local $moment2 v128)
    (local $factor4 v128) (local $beta1x4 v128) (local $rest1x4 v128)
    (local $beta2x4 v128) (local $rest2x4 v128) (local $rate4 v128) (local $kept4 v128)
    (local $epsilon4 v128)
    (local.set $factor4 (f32x4.splat (local.get $factor)))
    (local.set $beta1x4 (f32x4.splat (local.get $beta1)))
    (local.set $rest1x4 (f32x4.splat (f32.sub (f32.const 1) (local.get $beta1))))
    (local.set $beta2x4 (f32x4.splat (local.get $beta2)))
    (local.set $rest2x4 (f32x4.splat (f32.sub (f32.const 1) (local.get $beta2))))
    (local.set $rate4 (f32x4.splat (local.get $rate)))
    (local.set $kept4 (f32x4.splat (local.get $kept)))
    (local.set $epsilon4 (f32x4.splat (local.get $epsilon)))
    (block $done
      (loop $next
        (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
        (local.set $gradient (f32x4.mul (v128.load (local.get $g)) (local.get $factor4)))
        (local.set $moment1
          (f32x4.add
            (f32x4.mul (v128.load (local.get $m)) (local.get $beta1x4))
            (f32x4.mul (local.get $gradient) (local.get $rest1x4))))
        (local.set $moment2
          (f32x4.add
            (f32x4.mul (v128.load (local.get $v)) (local.get $beta2x4))
            (f32x4.mul
              (f32x4.mul (local.get $gradient) (local.get $gradient))
              (local.get $rest2x4))))
        (v128.store (local.get $m) (local.get $moment1))
        (v128.store (local.get $v) (local.get $moment2))
        (v128.store (local.get $w)
          (f32x4.sub
            (f32x4.mul (v128.load (local.get $w)) (local.get $kept4))
            (f32x4.div
              (f32x4.mul (local.get $moment1) (local.get $rate4))
              (f32x4.add (f32x4.sqrt (local.get $moment2)) (local.get $epsilon4)))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (local.set $count (i32.sub (local.get $count) (i32.const 4)))
        (br $next)))))
