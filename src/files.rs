//! How many files this process may have open, and so how many screens it can serve.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The socket, and a second handle on it.
const FILES_PER_SCREEN: u64 = 2;
/// Files that are no screens: databases, logs, requests.
const OTHERS: u64 = 200;

/// Raises the limit as far as it may be raised without anybody's leave; many systems begin with 1,024. Returns for how many
/// screens that is enough, none if there is no limit.
pub fn raise_limit() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_err() {
        return current.map(screens);
    }
    maximum.map(screens)
}

fn screens(files: u64) -> u64 {
    files.saturating_sub(OTHERS) / FILES_PER_SCREEN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_as_high_as_it_may_be() {
        let screens = raise_limit();

        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        assert_eq!(screens, maximum.map(super::screens));
    }
}
