use skafu_events::Timestamp;

use super::{Generation, Generations, State};

/// No generation is being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no generation {0} is being built")]
pub struct NotBuilding(pub u32);

/// There is nothing to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no earlier generation is kept: there was none, or the time to go back is over")]
pub struct NoRollback;

impl Generations {
    /// Begins to build another generation, or goes on with the one that fold is building already. One that
    /// another fold was building ends. Returns its number.
    pub fn begin(&mut self, fold: &str, segments: u32, now: Timestamp) -> u32 {
        if let Some(building) = self.building().filter(|it| it.fold == fold) {
            return building.number;
        }
        self.abandon();
        let number = self.next;
        self.next += 1;
        let state = State::Building { since: now, segments };
        self.beside.push(Generation { number, fold: fold.to_owned(), state });
        number
    }

    /// Ends what is being built. Returns its number.
    pub fn abandon(&mut self) -> Option<u32> {
        let number = self.building()?.number;
        self.end(|it| it.number == number);
        Some(number)
    }

    /// Answers questions from the generation that was built. The one before is kept until that time.
    pub fn flip(&mut self, number: u32, now: Timestamp, keep_until: Timestamp) -> Result<(), NotBuilding> {
        let is_it = |it: &Generation| it.number == number && matches!(it.state, State::Building { .. });
        self.activate(is_it, now, keep_until).ok_or(NotBuilding(number))?;
        self.expire(now);
        Ok(())
    }

    /// Answers questions from the generation before again. The one that was active is kept as long as that
    /// one would have been. Returns its number.
    pub fn rollback(&mut self, now: Timestamp) -> Result<u32, NoRollback> {
        let kept = self.kept(now).ok_or(NoRollback)?;
        let State::Kept { until } = kept.state else { return Err(NoRollback) };
        let number = kept.number;
        self.activate(|it| it.number == number, now, until).ok_or(NoRollback)?;
        Ok(number)
    }

    /// Ends what was kept and whose time is over.
    pub fn expire(&mut self, now: Timestamp) {
        self.end(|it| matches!(it.state, State::Kept { until } if until <= now));
    }

    /// The rows of an ended generation are gone.
    pub fn forget(&mut self, number: u32) {
        self.ended.retain(|ended| *ended != number);
    }

    /// One of those beside takes the active one's place, which is kept.
    fn activate(
        &mut self,
        is_it: impl Fn(&Generation) -> bool,
        now: Timestamp,
        keep_until: Timestamp,
    ) -> Option<()> {
        let at = self.beside.iter().position(is_it)?;
        std::mem::swap(&mut self.active, &mut self.beside[at]);
        self.active.state = State::Active { since: now };
        let mut before = self.beside.remove(at);
        before.state = State::Kept { until: keep_until };
        self.beside.push(before);
        Some(())
    }

    fn end(&mut self, ends: impl Fn(&Generation) -> bool) {
        self.ended.extend(self.beside.iter().filter(|it| ends(it)).map(|it| it.number));
        self.beside.retain(|it| !ends(it));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Timestamp {
        format!("2025-01-18T10:{minute:02}:00Z").parse().unwrap()
    }

    fn numbers(generations: &Generations, now: Timestamp) -> Vec<u32> {
        generations.fed(now).iter().map(|it| it.number).collect()
    }

    fn built() -> Generations {
        let mut generations = Generations::first("a", at(0));
        generations.begin("b", 4, at(1));
        generations.flip(2, at(2), at(30)).unwrap();
        generations
    }

    #[test]
    fn given_one_generation_when_another_is_begun_both_are_fed_and_the_first_answers() {
        let mut generations = Generations::first("a", at(0));
        assert_eq!(generations.begin("b", 4, at(1)), 2);
        assert_eq!(numbers(&generations, at(1)), [2, 1]);
        assert_eq!(generations.active().number, 1);
    }

    #[test]
    fn given_one_is_built_when_the_same_fold_begins_it_goes_on_and_another_fold_begins_anew() {
        let mut generations = Generations::first("a", at(0));
        generations.begin("b", 4, at(1));
        assert_eq!(generations.begin("b", 8, at(2)), 2);
        assert_eq!(generations.begin("c", 8, at(3)), 3);
        assert_eq!((numbers(&generations, at(3)), generations.ended()), (vec![3, 1], &[2][..]));
    }

    #[test]
    fn given_one_is_built_only_the_fold_that_builds_it_may_write_it() {
        let mut generations = Generations::first("a", at(0));
        generations.begin("b", 4, at(1));
        let takes = |fold| generations.fed(at(1)).iter().map(|it| it.takes(fold)).collect::<Vec<_>>();
        assert_eq!((takes("a"), takes("b")), (vec![false, true], vec![true, true]));
    }

    #[test]
    fn given_it_was_flipped_the_old_one_is_fed_until_its_time_is_over() {
        let mut generations = built();
        assert_eq!(generations.active().number, 2);
        assert_eq!(numbers(&generations, at(29)), [1, 2]);
        assert_eq!(numbers(&generations, at(30)), [2]);
        generations.expire(at(30));
        assert_eq!(generations.ended(), [1]);
        assert_eq!(generations.flip(2, at(31), at(40)), Err(NotBuilding(2)));
    }

    #[test]
    fn given_it_was_rolled_back_the_newer_one_is_kept_instead() {
        let mut generations = built();
        assert_eq!(generations.rollback(at(10)), Ok(1));
        assert_eq!((generations.active().number, numbers(&generations, at(10))), (1, vec![2, 1]));
        assert_eq!(generations.rollback(at(11)), Ok(2));
        assert_eq!(generations.rollback(at(30)), Err(NoRollback));
    }

    #[test]
    fn numbers_are_never_used_again() {
        let mut generations = built();
        generations.begin("c", 1, at(3));
        assert_eq!(generations.abandon(), Some(3));
        generations.forget(3);
        assert_eq!(generations.begin("c", 1, at(4)), 4);
    }
}
