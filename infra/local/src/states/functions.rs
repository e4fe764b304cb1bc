//! The functions Step Functions adds to JSONata, and the one it takes away.

use jsonata_core::{
    evaluator::{Evaluator, EvaluatorError},
    value::JValue,
};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use uuid::Uuid;

/// More elements than any expression needs, and fewer than would exhaust the memory.
const LONGEST_RANGE: usize = 1_000_000;

type Answer = Result<JValue, EvaluatorError>;

pub(super) fn add_to(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    evaluator.register_fn("parse", parse)?;
    evaluator.register_fn("uuid", |_: &[JValue]| Ok(JValue::string(Uuid::new_v4().to_string())))?;
    evaluator.register_fn("partition", partition)?;
    evaluator.register_fn("range", range)?;
    evaluator.register_fn("hash", hash)?;
    evaluator.register_fn_override("random", random)?;
    evaluator.register_fn_override("eval", |_: &[JValue]| Err(wrong("$eval is not supported, $parse is")))
}

fn wrong(problem: impl Into<String>) -> EvaluatorError {
    EvaluatorError::TypeError(problem.into())
}

/// `$parse(text)`: the JSON value the text holds.
fn parse(arguments: &[JValue]) -> Answer {
    let text = arguments.first().and_then(JValue::as_str);
    let text = text.ok_or_else(|| wrong("$parse needs text"))?;
    JValue::from_json_str(text).map_err(|error| EvaluatorError::EvaluationError(error.to_string()))
}

/// A whole number; fractions are rounded down.
fn whole(value: Option<&JValue>, function: &str) -> Result<i64, EvaluatorError> {
    let number = value.and_then(JValue::as_f64).map(f64::floor);
    // Every whole number JSON can hold exactly.
    let number = number.filter(|number| number.abs() < 9.0e15);
    let number = number.map(|number| number as i64);
    number.ok_or_else(|| wrong(format!("{function} needs numbers")))
}

/// `$partition(list, size)`: the list in pieces of that size; the last may be smaller.
fn partition(arguments: &[JValue]) -> Answer {
    let list = arguments.first().and_then(JValue::as_array);
    let list = list.ok_or_else(|| wrong("$partition needs a list"))?;
    let size = usize::try_from(whole(arguments.get(1), "$partition")?).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| wrong("the pieces of $partition must have a size of at least 1"))?;
    Ok(JValue::array(list.chunks(size).map(|piece| JValue::array(piece.to_vec())).collect()))
}

/// `$range(first, last, step)`: numbers from the first to the last, which is one of them if a step meets it.
fn range(arguments: &[JValue]) -> Answer {
    let number = |index| whole(arguments.get(index), "$range");
    let (first, last, step) = (number(0)?, number(1)?, number(2)?);
    if step == 0 {
        return Err(wrong("the step of $range must not be 0"));
    }
    let is_in = |number: &i64| if step > 0 { *number <= last } else { *number >= last };
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step)).take_while(is_in);
    let numbers: Vec<JValue> = numbers.take(LONGEST_RANGE + 1).map(JValue::from_i64).collect();
    match numbers.len() > LONGEST_RANGE {
        true => Err(wrong(format!("$range makes no more than {LONGEST_RANGE} numbers"))),
        false => Ok(JValue::array(numbers)),
    }
}

/// `$hash(text, algorithm)`: the hash of the text's UTF-8, in hexadecimal digits.
fn hash(arguments: &[JValue]) -> Answer {
    let text = |index: usize| arguments.get(index).and_then(JValue::as_str);
    let (Some(content), Some(algorithm)) = (text(0), text(1)) else {
        return Err(wrong("$hash needs a text and the name of an algorithm"));
    };
    let digest = match algorithm {
        "MD5" => Md5::digest(content).to_vec(),
        "SHA-1" => Sha1::digest(content).to_vec(),
        "SHA-256" => Sha256::digest(content).to_vec(),
        "SHA-384" => Sha384::digest(content).to_vec(),
        "SHA-512" => Sha512::digest(content).to_vec(),
        other => return Err(wrong(format!("$hash does not know `{other}`"))),
    };
    Ok(JValue::string(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

/// `$random()` and `$random(seed)`: a number from 0 up to but not 1; the same for the same seed.
fn random(arguments: &[JValue]) -> Answer {
    let bits = match arguments.first() {
        None => Uuid::new_v4().as_u128(),
        Some(seed) => {
            let digest = Sha256::digest(whole(Some(seed), "$random")?.to_be_bytes());
            digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
        }
    };
    // The lowest 53 bits: random in such a UUID, and as many as a number holds.
    let fraction = (bits & ((1 << 53) - 1)) as f64 / (1_u64 << 53) as f64;
    Ok(JValue::from_f64(fraction))
}
