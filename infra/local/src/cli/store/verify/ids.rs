use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::report::{Code, Finding, Report};
use crate::cli::failure::Failure;
use crate::cli::store::read::Table;
use crate::cli::store::segments::{Standing, read};

/// Finds out who else has the ids that are not as they should be: a second reading, but only if there
/// are any.
pub(super) async fn find_twins(
    table: &Arc<Table>,
    segments: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut holders: HashMap<Uuid, Vec<(String, u64)>> =
        report.strange_ids.iter().map(|strange| (strange.event_id, Vec::new())).collect();
    if holders.is_empty() {
        return Ok(());
    }
    read(table, &vec![Standing::Start; segments], |_, page| {
        for item in page.items {
            let Ok(commit) = item.commit else { continue };
            for (event, version) in commit.events.iter().zip(commit.first_version..) {
                if let Some(holders) = holders.get_mut(&event.event_id) {
                    holders.push((item.key.partition.clone(), version));
                }
            }
        }
        Ok(())
    })
    .await?;
    for strange in &report.strange_ids {
        let others = holders.get(&strange.event_id).into_iter().flatten();
        let mut others =
            others.filter(|(stream, version)| (stream, *version) != (&strange.stream, strange.version));
        if let Some((stream, version)) = others.next() {
            report.findings.push(Finding {
                stream: strange.stream.clone(),
                version: strange.version,
                code: Code::DuplicateEventId,
                message: format!("{stream} version {version} has the event's id too"),
            });
        }
    }
    Ok(())
}
