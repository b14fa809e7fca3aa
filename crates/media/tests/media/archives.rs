//! Zip archives, honest and otherwise.

use bytes::Bytes;
use lorikeet_media::archive::{Entry, Limits, Refusal, entries};
use lorikeet_media::samples;

fn open(archive: Vec<u8>) -> Vec<Result<Entry, Refusal>> {
    entries(archive.into(), &Limits::default())
        .unwrap()
        .collect()
}

fn names(entries: &[Result<Entry, Refusal>]) -> Vec<&str> {
    entries
        .iter()
        .map(|e| e.as_ref().unwrap().name.as_str())
        .collect()
}

#[test]
fn pictures_come_with_their_captions_by_name() {
    let cat = samples::png(&samples::picture(1, 64, 64));
    let entries = open(samples::zip([
        ("a.PNG", &cat[..]),
        ("b.png", &cat),
        ("a.txt", b"\xEF\xBB\xBFa cat,\r\n on a  mat\n"),
        ("b.txt", b"  \n"),
        ("nobody.txt", b"a caption of nothing"),
    ]));

    let expected = |name: &str, caption: Option<&str>| {
        Ok(Entry {
            name: name.to_owned(),
            bytes: cat.clone().into(),
            caption: caption.map(str::to_owned),
        })
    };
    assert_eq!(
        entries,
        [
            expected("a.PNG", Some("a cat, on a mat")),
            expected("b.png", None)
        ]
    );
}

#[test]
fn folders_are_looked_through_and_captions_stay_with_their_folder() {
    let entries = open(samples::zip([
        ("cats/1.png", &b"one"[..]),
        ("cats/1.txt", b"a cat"),
        ("dogs/1.png", b"two"),
        ("dogs/1.txt", b"a dog"),
    ]));

    let captions: Vec<_> = entries
        .iter()
        .map(|e| e.as_ref().unwrap().caption.as_deref())
        .collect();
    assert_eq!(captions, [Some("a cat"), Some("a dog")]);
    assert_eq!(names(&entries), ["1.png", "1.png"]);
}

#[test]
fn what_systems_leave_behind_is_left_out_and_nothing_else() {
    let entries = open(samples::zip([
        ("__MACOSX/._a.png", &b"fork"[..]),
        (".DS_Store", b"settings"),
        ("Thumbs.db", b"cache"),
        ("a.png", b"picture"),
        ("readme.md", b"# Not a picture, and refused by name later"),
    ]));

    assert_eq!(names(&entries), ["a.png", "readme.md"]);
}

#[test]
fn names_never_are_paths() {
    let entries = open(samples::zip([
        ("../../etc/passwd", &b"x"[..]),
        ("/absolute.png", b"x"),
        ("c:\\windows\\evil.png", b"x"),
        ("a\u{202e}\nb\0.png", b"x"),
    ]));

    for name in names(&entries) {
        assert!(!name.contains(['/', '\\', '\0', '\n']), "{name:?}");
        assert_ne!(name, "..");
    }
    assert_eq!(entries.len(), 4);
}

#[test]
fn bombs_are_stopped_while_they_unpack() {
    let zeros = vec![0; 15_000_000];
    let archive = samples::zip([("a.png", &zeros[..]), ("b.png", b"never reached")]);
    assert!(archive.len() < 20_000);

    assert_eq!(
        open(archive),
        [Err(Refusal::Bomb {
            name: "a.png".into()
        })]
    );
}

#[test]
fn every_limit_holds() {
    let noise = samples::png(&samples::picture(1, 200, 200));
    let archive = Bytes::from(samples::zip([
        ("a.png", &noise[..]),
        ("b.png", &noise),
        ("c.png", &noise),
    ]));
    let size = noise.len() as u64;
    let with = |limits: Limits| entries(archive.clone(), &limits).map(Iterator::collect::<Vec<_>>);

    let limits = Limits {
        max_bytes: 100,
        ..Limits::default()
    };
    assert_eq!(with(limits).unwrap_err().code(), "archive-too-many-bytes");
    let limits = Limits {
        max_entries: 2,
        ..Limits::default()
    };
    assert_eq!(
        with(limits),
        Err(Refusal::TooManyEntries { count: 3, limit: 2 })
    );

    let limits = Limits {
        max_entry_bytes: size - 1,
        ..Limits::default()
    };
    let each = with(limits).unwrap();
    assert_eq!(each.len(), 3, "one too large does not end the archive");
    assert!(each.iter().all(|e| {
        e.as_ref()
            .is_err_and(|e| e.code() == "archive-entry-too-large")
    }));

    let limits = Limits {
        max_total_bytes: 2 * size + 1,
        ..Limits::default()
    };
    let total = with(limits).unwrap();
    assert_eq!(total.len(), 3);
    assert!(total[0].is_ok() && total[1].is_ok());
    assert_eq!(
        total[2],
        Err(Refusal::TooMuchUnpacked {
            limit: 2 * size + 1
        })
    );
}

#[test]
fn what_is_no_archive_or_holds_nothing_is_refused() {
    let limits = Limits::default();
    let refused = |bytes: Vec<u8>| entries(bytes.into(), &limits).map(|_| ()).unwrap_err();

    assert_eq!(refused(samples::renamed_text()), Refusal::NotAnArchive);
    assert_eq!(refused(samples::zip([])), Refusal::Empty);
    assert_eq!(
        refused(samples::zip([("a.txt", &b"only text"[..])])),
        Refusal::Empty
    );
    let mut cut = samples::zip([("a.png", &b"picture"[..])]);
    cut.truncate(cut.len() / 2);
    assert_eq!(refused(cut), Refusal::NotAnArchive);
}

#[test]
fn a_damaged_entry_does_not_spoil_the_others() {
    let picture = samples::png(&samples::picture(1, 64, 64));
    let mut archive = samples::zip([("a.png", &picture[..]), ("b.png", &picture)]);
    // In the middle of the first entry's data.
    archive[2000] ^= 0xFF;
    let entries = open(archive);

    assert_eq!(
        entries[0],
        Err(Refusal::EntryUnreadable {
            name: "a.png".into()
        })
    );
    assert_eq!(entries[1].as_ref().unwrap().bytes, picture);
}
