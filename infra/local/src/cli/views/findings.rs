use std::fmt::Write;

use skafu_functions::rebuild::Finding;

/// The findings, a few lines each.
pub(super) fn text(findings: &[Finding], wrong: u64) -> String {
    let mut text = String::new();
    for it in findings {
        // Writing to a string does not fail.
        let _ = tell(&mut text, it);
    }
    if wrong > findings.len() as u64 {
        let _ = writeln!(text, "… and {} more", wrong - findings.len() as u64);
    }
    text
}

fn tell(text: &mut String, it: &Finding) -> std::fmt::Result {
    let stream = it.stream.as_deref().unwrap_or("counters of several aggregates");
    match it.kind {
        "behind" => writeln!(text, "{stream}: shows version {} of {}", it.shown, it.version)?,
        "unfoldable" => writeln!(text, "{stream}: version {} cannot be folded", it.version)?,
        _ => writeln!(text, "{stream}: differs at version {}", it.shown)?,
    }
    for difference in &it.differences {
        writeln!(text, "  {} {}", difference.partition, difference.sort)?;
        writeln!(text, "    expected {}", difference.expected)?;
        writeln!(text, "    found    {}", difference.found)?;
    }
    Ok(())
}
