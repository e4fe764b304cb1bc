use super::creation::Status;
use super::desk::Desk;
use super::standing::Standing;

/// What to do about a creation that stands so, in words and as the command to give.
pub(super) fn way_out(desk: &Desk, standing: &Standing) -> String {
    let stream = &standing.creation.stream;
    let command = |name: &str| desk.command(name, stream);
    match standing.status() {
        Status::Succeeded => "nothing is to be done: the repository is there".to_owned(),
        Status::Compensated => {
            "nothing is left of it, and its name is free: create the project again".to_owned()
        }
        Status::Failed => format!(
            "what it made is kept: `{}` makes another attempt, which goes on where this one ended; \
             deleting the project undoes it",
            command("retry")
        ),
        Status::Stuck if standing.is_left() => {
            format!("nobody carries it on: `{}` gives the attempt up and has it undone", command("retry"))
        }
        Status::Stuck => format!(
            "mend what stands in the way, then `{}` has it undone once more; or see to it by hand, then `{} \
             --note TEXT` says so and gives the name back",
            command("retry"),
            command("resolve")
        ),
        Status::Running if desk.is_resting() => "it goes on once the system runs: `skafu dev`".to_owned(),
        Status::Running => {
            let known = "it is under way: wait, and look again";
            match standing.runs {
                Some(_) => known.to_owned(),
                None => format!(
                    "{known}; if its execution has ended over there, `{} --give-up` has it undone",
                    command("retry")
                ),
            }
        }
    }
}
