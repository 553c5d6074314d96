//! What a row of sends does, beside what each would do alone.
#![cfg(target_os = "linux")]

use bulq_sendmany::SendMany;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

/// None where the kernel or a container has no io_uring for us; a server does without it there, too.
fn ring(most: u32) -> Option<SendMany> {
    match SendMany::new(most) {
        Ok(ring) => Some(ring),
        Err(error) => {
            assert!(
                matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM | libc::EINVAL)),
                "{error}"
            );
            eprintln!("no io_uring here: {error}");
            None
        }
    }
}

fn pairs(count: usize) -> Vec<(UnixStream, UnixStream)> {
    (0..count)
        .map(|_| {
            let (screen, socket) = UnixStream::pair().expect("two ends");
            socket.set_nonblocking(true).expect("an option of a socket");
            (screen, socket)
        })
        .collect()
}

#[test]
fn every_socket_gets_its_own_bytes_however_many_there_are() {
    let Some(mut ring) = ring(4) else { return };
    let mut pairs = pairs(11);
    let texts: Vec<String> = (0..pairs.len()).map(|n| format!("frame {n}")).collect();

    for _ in 0..3 {
        let parts: Vec<_> = pairs.iter().zip(&texts).collect();
        let sent = ring.send(&parts, |((_, socket), text)| (socket.as_fd(), text.as_bytes()));

        let lengths: Vec<_> = texts.iter().map(String::len).collect();
        assert_eq!(sent.map(Result::unwrap).collect::<Vec<_>>(), lengths);
        for ((screen, _), text) in pairs.iter_mut().zip(&texts) {
            let mut bytes = vec![0; text.len()];
            screen.read_exact(&mut bytes).unwrap();
            assert_eq!(bytes, text.as_bytes());
        }
    }
    assert!(ring.works());
}

#[test]
fn who_does_not_read_or_is_gone_holds_nobody_up() {
    let Some(mut ring) = ring(8) else { return };
    let mut pairs = pairs(4);
    let fill = vec![7; 4096];
    while (&pairs[1].1).write(&fill).is_ok() {}
    let (screen, gone) = pairs.remove(2);
    drop(screen);

    let sockets = [&pairs[0].1, &pairs[1].1, &gone, &pairs[2].1];
    let sent: Vec<_> = ring.send(&sockets, |socket| (socket.as_fd(), b"hello")).collect();

    assert_eq!(sent[0].as_ref().unwrap(), &5);
    assert_eq!(sent[1].as_ref().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(sent[2].as_ref().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(sent[3].as_ref().unwrap(), &5);
    assert!(ring.works(), "an error of a socket is none of the ring");
}

#[test]
fn a_socket_takes_what_fits() {
    let Some(mut ring) = ring(8) else { return };
    let (mut screen, socket) = pairs(1).remove(0);
    let much: Vec<u8> = (0..4_000_000_u32).map(|n| n as u8).collect();

    let mut begun = 0;
    let reading = std::thread::spawn({
        let length = much.len();
        move || {
            let mut all = vec![0; length];
            screen.read_exact(&mut all).map(|()| all)
        }
    });
    let mut turns = 0;
    while begun < much.len() {
        let sent = ring.send(&[(&socket, &much[begun..])], |(socket, rest)| (socket.as_fd(), rest)).next();
        match sent.expect("one part, one result") {
            Ok(bytes) => begun += bytes,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        turns += 1;
        std::thread::yield_now();
    }

    assert!(turns > 1, "it did not fit at once");
    assert!(reading.join().unwrap().unwrap() == much);
}
