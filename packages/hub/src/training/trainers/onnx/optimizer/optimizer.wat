;; What the optimizer does to the trained numbers, four at a time. The four memories have one layout: what
;; belongs to a number lies at the same byte in each. `from` and `to` are multiples of 16.
;;
;; `npm run kernels` makes optimizer.wasm of this.
(module
  (import "memories" "parameters" (memory $parameters 0 65536 shared))
  (import "memories" "firstMoments" (memory $firstMoments 0 65536 shared))
  (import "memories" "secondMoments" (memory $secondMoments 0 65536 shared))
  (import "memories" "gradients" (memory $gradients 0 65536 shared))

  ;; Σ gradient² in 64 bits: no square of a 32-bit number is too large for them.
  (func (export "sumOfSquares") (param $from i32) (param $to i32) (result f64)
    (local $four v128) (local $two v128) (local $lower v128) (local $upper v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $four (v128.load $gradients (local.get $from)))
        (local.set $two (f64x2.promote_low_f32x4 (local.get $four)))
        (local.set $lower
          (f64x2.add (local.get $lower) (f64x2.mul (local.get $two) (local.get $two))))
        (local.set $two
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
              (local.get $four) (local.get $four))))
        (local.set $upper
          (f64x2.add (local.get $upper) (f64x2.mul (local.get $two) (local.get $two))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $next)))
    (local.set $two (f64x2.add (local.get $lower) (local.get $upper)))
    (f64.add
      (f64x2.extract_lane 0 (local.get $two))
      (f64x2.extract_lane 1 (local.get $two))))

  ;; AdamW in one pass. Each operation is rounded to 32 bits, as the graph of `model/adamw.ts` rounds it: with
  ;; the same gradients, moments and factors both give the same bits.
  (func (export "adamw")
    (param $from i32) (param $to i32)
    (param $clip f32) (param $beta1 f32) (param $beta2 f32)
    (param $rate f32) (param $epsilon f32) (param $keep f32)
    (local $clips v128) (local $beta1s v128) (local $beta2s v128)
    (local $rates v128) (local $epsilons v128) (local $keeps v128)
    (local $gradient v128) (local $first v128) (local $second v128)
    (local.set $clips (f32x4.splat (local.get $clip)))
    (local.set $beta1s (f32x4.splat (local.get $beta1)))
    (local.set $beta2s (f32x4.splat (local.get $beta2)))
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $keeps (f32x4.splat (local.get $keep)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))

        ;; gradient = clip · gradient
        (local.set $gradient
          (f32x4.mul (v128.load $gradients (local.get $from)) (local.get $clips)))
        ;; first = β₁ · first + gradient
        (local.set $first
          (f32x4.add
            (f32x4.mul (v128.load $firstMoments (local.get $from)) (local.get $beta1s))
            (local.get $gradient)))
        (v128.store $firstMoments (local.get $from) (local.get $first))
        ;; second = β₂ · second + gradient²
        (local.set $second
          (f32x4.add
            (f32x4.mul (v128.load $secondMoments (local.get $from)) (local.get $beta2s))
            (f32x4.mul (local.get $gradient) (local.get $gradient))))
        (v128.store $secondMoments (local.get $from) (local.get $second))
        ;; parameter = keep · parameter − rate · first / (√second + ε)
        (v128.store $parameters (local.get $from)
          (f32x4.sub
            (f32x4.mul (v128.load $parameters (local.get $from)) (local.get $keeps))
            (f32x4.mul
              (f32x4.div
                (local.get $first)
                (f32x4.add (f32x4.sqrt (local.get $second)) (local.get $epsilons)))
              (local.get $rates))))

        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (br $next)))))
