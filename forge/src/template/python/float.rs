//! Floats as Python prints them.

/// The shortest text that is read back as the same number.
pub(super) fn repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let (mantissa, exponent) = scientific(number, None);
    if (-4..16).contains(&exponent) || number == 0.0 {
        let text = number.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    mantissa + &exponent_text(exponent)
}

/// The digits with a point after the first, and the power of ten. Without a precision, as few digits as possible.
pub(super) fn scientific(number: f64, precision: Option<usize>) -> (String, i32) {
    let text = match precision {
        Some(precision) => format!("{number:.precision$e}"),
        None => format!("{number:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or_default())
}

/// `e+05`
pub(super) fn exponent_text(exponent: i32) -> String {
    format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
}

/// The number without its sign in one of the notations `e`, `f` and `g`; `alternate` keeps the point and noughts.
pub(super) fn notation(number: f64, kind: char, precision: usize, alternate: bool) -> String {
    let number = number.abs();
    if !number.is_finite() {
        return if number.is_nan() { "nan" } else { "inf" }.to_owned();
    }
    match kind {
        'e' => {
            let (mantissa, exponent) = scientific(number, Some(precision));
            let point = if alternate && precision == 0 { "." } else { "" };
            format!("{mantissa}{point}{}", exponent_text(exponent))
        }
        'f' => {
            let point = if alternate && precision == 0 { "." } else { "" };
            format!("{number:.precision$}{point}")
        }
        _ => {
            let precision = precision.max(1);
            let (mantissa, exponent) = scientific(number, Some(precision - 1));
            let is_plain =
                exponent >= -4 && i64::from(exponent) < i64::try_from(precision).unwrap_or(i64::MAX);
            let text = if is_plain {
                let digits = i64::try_from(precision).unwrap_or(i64::MAX) - 1 - i64::from(exponent);
                format!("{number:.*}", usize::try_from(digits).unwrap_or_default())
            } else {
                mantissa
            };
            let text = if alternate || !text.contains('.') {
                text
            } else {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            };
            if is_plain { text } else { text + &exponent_text(exponent) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        for (number, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(repr(number), expected);
        }
    }
}
