//! Blocks of metric history: up to [`CAPACITY`] points of one metric of one run, compressed.
//!
//! # Format, version 1
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 1 |
//! | varint | number of points |
//! | the rest | a zstd frame with a checksum, of: |
//!
//! 1. the log call of each point: the first as a varint, then the differences as varints;
//! 2. the times in microseconds since the Unix epoch: zigzag varints, each the difference to the one before;
//! 3. the steps: a byte (0: no point has one, 1: all are whole numbers, 2: any), then nothing, zigzag
//!    varint differences, or eight planes of bytes of little-endian doubles (a point without a step has `NaN`);
//! 4. the values: a byte (0: doubles, 1: whole numbers, 2: any), then eight planes of bytes, zigzag varint
//!    differences, or for each value a varint length and its JSON text.
//!
//! Planes (all first bytes, all second bytes, …) put the slowly changing exponents side by side, where zstd
//! finds them. Varints are LEB128.

use std::io::{Read, Write};

use crate::model::metric::{Numbers, Point};
use crate::model::{Scalar, Time};

/// The most points in one block.
pub const CAPACITY: usize = 4096;

/// A block larger than this, uncompressed, was not written by xt.
const MAX_BYTES: u64 = 256 << 20;

const VERSION: u8 = 1;
const LEVEL: i32 = 3;

/// A block that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a block of metric history cannot be read: {0}")]
pub struct SegmentError(String);

#[allow(clippy::needless_pass_by_value, reason = "passed by name to map_err")]
fn broken(what: impl std::fmt::Display) -> SegmentError {
    SegmentError(format!("{what}"))
}

/// The error of a block that is not where its record says.
pub fn missing() -> SegmentError {
    broken("it is missing")
}

/// Writes a block.
pub fn encode(points: &[Point]) -> Result<Vec<u8>, SegmentError> {
    let mut raw = Vec::with_capacity(points.len() * 12);
    let mut before = 0;
    for point in points {
        put_varint(&mut raw, point.index.wrapping_sub(before));
        before = point.index;
    }
    put_deltas(&mut raw, points.iter().map(|point| point.time.micros()));
    put_steps(&mut raw, points);
    put_values(&mut raw, points);

    let mut out = vec![VERSION];
    put_varint(&mut out, points.len() as u64);
    let mut encoder = zstd::Encoder::new(out, LEVEL).map_err(broken)?;
    encoder.include_checksum(true).map_err(broken)?;
    encoder.write_all(&raw).map_err(broken)?;
    encoder.finish().map_err(broken)
}

/// Reads the head of a block: how many points, and the compressed rest.
fn head(bytes: &[u8]) -> Result<(usize, &[u8]), SegmentError> {
    let mut head = Reader { bytes };
    let version = head.byte()?;
    if version != VERSION {
        return Err(broken(format!("it has version {version}, and this xt reads version {VERSION}")));
    }
    let count = usize::try_from(head.varint()?).ok().filter(|count| *count <= CAPACITY);
    let count = count.ok_or_else(|| broken("it claims too many points"))?;
    Ok((count, head.bytes))
}

fn decompress(bytes: &[u8], raw: &mut Vec<u8>) -> Result<(), SegmentError> {
    raw.clear();
    let decoder = zstd::Decoder::new(bytes).map_err(broken)?;
    decoder.take(MAX_BYTES).read_to_end(raw).map_err(broken)?;
    Ok(())
}

/// Reads a block.
pub fn decode(bytes: &[u8]) -> Result<Vec<Point>, SegmentError> {
    let (count, rest) = head(bytes)?;
    let mut raw = Vec::new();
    decompress(rest, &mut raw)?;

    let mut reader = Reader { bytes: &raw };
    let mut index = 0_u64;
    let mut points = Vec::with_capacity(count);
    for _ in 0..count {
        index = index.wrapping_add(reader.varint()?);
        points.push(Point { index, step: None, value: Scalar::Null, time: Time::default() });
    }
    for (point, time) in points.iter_mut().zip(reader.deltas(count)?) {
        point.time = Time::from_micros(time);
    }
    read_steps(&mut reader, &mut points)?;
    read_values(&mut reader, &mut points)?;
    Ok(points)
}

/// Reads blocks as columns of numbers, many times as fast as [`decode`] makes points: what one block needed
/// is used again for the next.
pub struct NumberReader {
    decompressor: zstd::bulk::Decompressor<'static>,
    raw: Vec<u8>,
}

impl NumberReader {
    /// More than a full block of numbers takes.
    const ROOM: usize = CAPACITY * 48;

    /// A reader for any number of blocks.
    pub fn new() -> Result<Self, SegmentError> {
        let decompressor = zstd::bulk::Decompressor::new().map_err(broken)?;
        Ok(Self { decompressor, raw: Vec::with_capacity(Self::ROOM) })
    }

    /// Appends the points of a block; values that are no numbers become `NaN`.
    pub fn read(&mut self, bytes: &[u8], numbers: &mut Numbers) -> Result<(), SegmentError> {
        let (count, rest) = head(bytes)?;
        self.raw.clear();
        self.raw.reserve(Self::ROOM);
        if self.decompressor.decompress_to_buffer(rest, &mut self.raw).is_err() {
            // Texts may take more room.
            decompress(rest, &mut self.raw)?;
        }
        let mut reader = Reader { bytes: &self.raw };
        let calls = reader.numbers(count, |call: u64, more| call.wrapping_add(more))?;
        let times = reader.deltas(count)?;
        let steps = read_step_numbers(&mut reader, count)?;
        let values = read_value_numbers(&mut reader, count)?;
        numbers.calls.extend(calls);
        numbers.times.extend(times.into_iter().map(Time::from_micros));
        numbers.steps.extend(steps);
        numbers.values.extend(values);
        Ok(())
    }
}

fn put_steps(raw: &mut Vec<u8>, points: &[Point]) {
    if points.iter().all(|point| point.step.is_none()) {
        raw.push(0);
    } else if let Some(steps) =
        points.iter().map(|point| point.step.and_then(whole)).collect::<Option<Vec<_>>>()
    {
        raw.push(1);
        put_deltas(raw, steps);
    } else {
        raw.push(2);
        put_planes(raw, points.iter().map(|point| point.step.unwrap_or(f64::NAN)));
    }
}

fn read_steps(reader: &mut Reader<'_>, points: &mut [Point]) -> Result<(), SegmentError> {
    let steps = read_step_numbers(reader, points.len())?;
    for (point, step) in points.iter_mut().zip(steps) {
        point.step = Some(step).filter(|step| !step.is_nan());
    }
    Ok(())
}

/// The steps; a point without one has `NaN`.
fn read_step_numbers(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, SegmentError> {
    match reader.byte()? {
        0 => Ok(vec![f64::NAN; count]),
        #[allow(clippy::cast_precision_loss, reason = "only exact steps are written so")]
        1 => Ok(reader.deltas(count)?.into_iter().map(|step| step as f64).collect()),
        2 => reader.planes(count),
        other => Err(broken(format!("steps of an unknown kind {other}"))),
    }
}

/// The values; one that is no number is `NaN`.
fn read_value_numbers(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, SegmentError> {
    if reader.bytes.first() == Some(&0) {
        reader.byte()?;
        return reader.planes(count);
    }
    let blank = Point { index: 0, step: None, value: Scalar::Null, time: Time::default() };
    let mut points = vec![blank; count];
    read_values(reader, &mut points)?;
    Ok(points.iter().map(|point| point.value.as_f64().unwrap_or(f64::NAN)).collect())
}

fn put_values(raw: &mut Vec<u8>, points: &[Point]) {
    if points.iter().all(|point| matches!(point.value, Scalar::Float(_))) {
        raw.push(0);
        put_planes(raw, points.iter().map(|point| point.value.as_f64().unwrap_or(f64::NAN)));
    } else if points.iter().all(|point| matches!(point.value, Scalar::Int(_))) {
        raw.push(1);
        put_deltas(raw, points.iter().map(|point| if let Scalar::Int(int) = point.value { int } else { 0 }));
    } else {
        raw.push(2);
        for point in points {
            let text = serde_json::Value::from(&point.value).to_string();
            put_varint(raw, text.len() as u64);
            raw.extend_from_slice(text.as_bytes());
        }
    }
}

fn read_values(reader: &mut Reader<'_>, points: &mut [Point]) -> Result<(), SegmentError> {
    let count = points.len();
    match reader.byte()? {
        0 => {
            for (point, value) in points.iter_mut().zip(reader.planes(count)?) {
                point.value = Scalar::Float(value);
            }
        }
        1 => {
            for (point, value) in points.iter_mut().zip(reader.deltas(count)?) {
                point.value = Scalar::Int(value);
            }
        }
        2 => {
            for point in points {
                let length = usize::try_from(reader.varint()?).map_err(broken)?;
                point.value = serde_json::from_slice(reader.take(length)?).map_err(broken)?;
            }
        }
        other => return Err(broken(format!("values of an unknown kind {other}"))),
    }
    Ok(())
}

/// A double that is exactly a whole number of moderate size.
fn whole(number: f64) -> Option<i64> {
    let limit = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation, reason = "bounded by the condition")]
    (number.fract() == 0.0 && number.abs() < limit && !(number == 0.0 && number.is_sign_negative()))
        .then_some(number as i64)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_deltas(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = i64>) {
    let mut before = 0_i64;
    for number in numbers {
        let delta = number.wrapping_sub(before);
        put_varint(out, ((delta << 1) ^ (delta >> 63)).cast_unsigned());
        before = number;
    }
}

fn put_planes(out: &mut Vec<u8>, numbers: impl Iterator<Item = f64>) {
    let words: Vec<_> = numbers.map(f64::to_le_bytes).collect();
    for plane in 0..8 {
        out.extend(words.iter().map(|word| word[plane]));
    }
}

/// Reads what the `put_` functions wrote; every read is checked.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SegmentError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(|| broken("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, SegmentError> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn varint(&mut self) -> Result<u64, SegmentError> {
        // Most are differences of one byte.
        if let [byte @ ..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return Ok(u64::from(*byte));
        }
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(broken("a number is too long"))
    }

    fn deltas(&mut self, count: usize) -> Result<Vec<i64>, SegmentError> {
        self.numbers(count, |number: i64, zigzag| {
            number.wrapping_add((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed()))
        })
    }

    /// Numbers of which each is made of the one before and of a varint.
    fn numbers<T: Copy + Default>(
        &mut self,
        count: usize,
        next: impl Fn(T, u64) -> T,
    ) -> Result<Vec<T>, SegmentError> {
        let mut number = T::default();
        // Collected as results they would not be given their room at once.
        let mut numbers = Vec::with_capacity(count);
        for _ in 0..count {
            number = next(number, self.varint()?);
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn planes(&mut self, count: usize) -> Result<Vec<f64>, SegmentError> {
        let planes = self.take(count * 8)?;
        let word = |i: usize| std::array::from_fn(|plane| planes[plane * count + i]);
        Ok((0..count).map(|i| f64::from_le_bytes(word(i))).collect())
    }
}

#[cfg(test)]
mod tests;
