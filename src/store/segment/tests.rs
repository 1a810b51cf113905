use super::*;
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        4 => any::<f64>().prop_map(Scalar::Float),
        2 => any::<i64>().prop_map(Scalar::Int),
        1 => any::<bool>().prop_map(Scalar::Bool),
        1 => "[a-z]{0,5}".prop_map(Scalar::Text),
        1 => Just(Scalar::Null),
    ]
}

fn points(value: impl Strategy<Value = Scalar>) -> impl Strategy<Value = Vec<Point>> {
    let point = (any::<u64>(), any::<Option<f64>>(), any::<i64>(), value);
    prop::collection::vec(point, 0..100).prop_map(|points| {
        let point = |(index, step, time, value): (u64, Option<f64>, i64, Scalar)| Point {
            index,
            step: step.filter(|step| !step.is_nan()),
            value,
            time: Time::from_micros(time),
        };
        points.into_iter().map(point).collect()
    })
}

/// Equality to the bit, which `PartialEq` of doubles is not.
fn shown(points: &[Point]) -> Vec<String> {
    points.iter().map(|point| format!("{point:?}")).collect()
}

// Proves A6 (metric history), P9 (damaged blocks).
proptest! {
    #[test]
    fn any_points_round_trip(points in points(scalar())) {
        prop_assert_eq!(shown(&decode(&encode(&points).unwrap()).unwrap()), shown(&points));
    }

    #[test]
    fn doubles_round_trip_to_the_bit(points in points(any::<f64>().prop_map(Scalar::Float))) {
        prop_assert_eq!(shown(&decode(&encode(&points).unwrap()).unwrap()), shown(&points));
    }

    #[test]
    fn numbers_are_read_as_points_are(blocks in prop::collection::vec(points(scalar()), 0..4)) {
        let mut reader = NumberReader::new().unwrap();
        let mut numbers = Numbers::default();
        for block in &blocks {
            reader.read(&encode(block).unwrap(), &mut numbers).unwrap();
        }
        let points: Vec<_> = blocks.into_iter().flatten().collect();
        let bits = |number: Option<f64>| number.unwrap_or(f64::NAN).to_bits();
        prop_assert_eq!(numbers.calls, points.iter().map(|point| point.index).collect::<Vec<_>>());
        prop_assert_eq!(numbers.times, points.iter().map(|point| point.time).collect::<Vec<_>>());
        let steps: Vec<_> = numbers.steps.into_iter().map(|step| bits(Some(step))).collect();
        prop_assert_eq!(steps, points.iter().map(|point| bits(point.step)).collect::<Vec<_>>());
        let values: Vec<_> = numbers.values.into_iter().map(|value| bits(Some(value))).collect();
        prop_assert_eq!(values, points.iter().map(|point| bits(point.value.as_f64())).collect::<Vec<_>>());
    }

    #[test]
    fn whole_numbers_round_trip(points in points(any::<i64>().prop_map(Scalar::Int))) {
        prop_assert_eq!(shown(&decode(&encode(&points).unwrap()).unwrap()), shown(&points));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic(points in points(scalar()), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = encode(&points).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = decode(&bytes) {
            // The checksum covers the payload; what may change unnoticed is the count in the head.
            prop_assert!(read.len() <= CAPACITY);
        }
        let _ = decode(&bytes[..at]);
        let mut numbers = Numbers::default();
        if NumberReader::new().unwrap().read(&bytes, &mut numbers).is_ok() {
            prop_assert_eq!(numbers.calls.len(), numbers.values.len());
            prop_assert_eq!(numbers.steps.len(), numbers.times.len());
        }
    }
}

/// The format is fixed: a block that version 1 wrote must read for ever.
#[test]
fn the_first_version_reads_for_ever() {
    let stored = include_bytes!("../../../tests/fixtures/segment-v1.bin");
    let points = decode(stored).unwrap();
    assert_eq!(points.len(), 3);
    assert_eq!(points[2].step, Some(2.0));
    assert_eq!(points[2].time.to_string(), "2026-11-24T22:22:12.000002+00:00");
    assert_eq!(points[1].value, Scalar::Float(0.5));
}

#[test]
fn a_smooth_curve_takes_few_bytes() {
    let points: Vec<_> = (0..4096_u32)
        .map(|i| Point {
            index: i.into(),
            step: Some(i.into()),
            value: Scalar::Float((f64::from(i) / 64.0).round() / 64.0),
            time: Time::from_micros(1_700_000_000_000_000 + i64::from(i) * 1_000_000),
        })
        .collect();
    assert!(encode(&points).unwrap().len() < 4096);
}
