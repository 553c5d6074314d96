//! How long the names of headers are, told from the bytes of a connection alone: a name stands between the end of a line
//! and a colon. What is in bodies looks like that, too, but not for so long.

/// What the `http` crate takes.
const LONGEST: usize = 65_535;

/// How much of a name has come; none where no name can be.
#[derive(Debug, Default)]
pub(super) struct Names(Option<usize>);

impl Names {
    /// Whether these bytes, which follow those before, complete a name that is too long.
    pub(super) fn complete_one_too_long(&mut self, bytes: &[u8]) -> bool {
        if self.0.unwrap_or(0) + bytes.len() > LONGEST {
            return bytes.iter().any(|byte| self.step(*byte));
        }
        // The usual case: only what stands in the last line counts, and mostly that is seen at its first byte.
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let (so_far, line) = end.map_or((self.0, bytes), |end| (Some(0), &bytes[end + 1..]));
        self.0 = so_far.filter(|_| line.iter().all(is_of_name)).map(|so_far| so_far + line.len());
        false
    }

    fn step(&mut self, byte: u8) -> bool {
        let so_far = self.0.take();
        self.0 = match byte {
            b'\n' => Some(0),
            _ if is_of_name(&byte) => so_far.map(|so_far| so_far + 1),
            _ => None,
        };
        byte == b':' && so_far.is_some_and(|so_far| so_far > LONGEST)
    }
}

/// A `tchar` of RFC 9110.
const fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(name: usize) -> Vec<u8> {
        format!("GET / HTTP/1.1\r\nhost: x\r\n{}: y\r\n\r\n", "x".repeat(name)).into_bytes()
    }

    fn refused(parts: &[&[u8]]) -> bool {
        let mut names = Names::default();
        parts.iter().any(|part| names.complete_one_too_long(part))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn however_it_is_cut_a_name_is_as_long_as_it_is(
            is_long: bool,
            mut cuts in proptest::collection::vec(0..66_000_usize, 0..20),
            before in proptest::collection::vec(any::<u8>(), 0..2000),
        ) {
            let bytes = [before, b"\r\n".to_vec(), head(LONGEST + usize::from(is_long))].concat();
            cuts.sort_unstable();
            let (mut parts, mut rest, mut cut_before) = (Vec::new(), &bytes[..], 0);
            for cut in cuts.into_iter().filter(|cut| *cut < bytes.len()) {
                let (part, behind) = rest.split_at(cut - cut_before);
                parts.push(part);
                (rest, cut_before) = (behind, cut);
            }
            parts.push(rest);

            prop_assert_eq!(refused(&parts), is_long);
        }
    }

    #[test]
    fn byte_by_byte_is_no_way_round() {
        let bytes = head(LONGEST + 1);
        assert!(refused(&bytes.chunks(1).collect::<Vec<_>>()));
    }

    #[test]
    fn what_is_long_and_no_name_passes() {
        let long = "x".repeat(100_000);
        for text in [
            format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nhost: {long}:\r\n\r\n"),
            format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{long}"),
            format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100001\r\n\r\n {long}:"),
        ] {
            assert!(!refused(&[text.as_bytes()]), "{}", &text[..40]);
        }
    }
}
