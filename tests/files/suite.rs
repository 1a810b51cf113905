// Proves A9 and P7 on both kinds of store: what is written is what is read, whatever its size and name.

use rstest::rstest;
use xt::store::StoreError;
use xt::store::blobs::{Address, Depth, Download, Step, Upload};

use crate::world::{BLOCK, Store, download, noise, upload};

#[rstest]
fn blobs_are_what_was_written(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    let files = &store.files;
    assert_eq!(store.list("", Depth::All), Vec::<String>::new(), "there is no container yet");
    assert_eq!(files.stat(&store.at("a")).unwrap(), None);
    for (path, text) in [("a.txt", "first"), ("a/b.txt", "22"), ("a/c/d e+%41ü&.txt", ""), ("ab", "3")] {
        files.put(&store.at(path), text.as_bytes()).unwrap();
        let blob = files.stat(&store.at(path)).unwrap().unwrap();
        assert_eq!((blob.path.as_str(), blob.size), (path, text.len() as u64));
        assert_eq!(files.read(&store.at(path), 0..100).unwrap(), text.as_bytes());
    }
    assert_eq!(store.list("", Depth::All), ["a.txt 5", "a/b.txt 2", "a/c/d e+%41ü&.txt 0", "ab 1"]);
    assert_eq!(store.list("", Depth::One), ["a.txt 5", "a/", "ab 1"]);
    assert_eq!(store.list("a/", Depth::One), ["a/b.txt 2", "a/c/"]);
    assert_eq!(store.list("a", Depth::One), ["a.txt 5", "a/", "ab 1"]);
    assert_eq!(store.list("a/c/d", Depth::All), ["a/c/d e+%41ü&.txt 0"]);
    assert_eq!(store.list("none/", Depth::All), Vec::<String>::new());
    assert_eq!(files.read(&store.at("a.txt"), 2..4).unwrap(), b"rs");
    assert_eq!(files.read(&store.at("a.txt"), 9..12).unwrap(), b"");
    let other = Address::new(crate::world::container(), "deep/copy");
    files.copy(&store.at("a.txt"), &other).unwrap();
    assert_eq!(files.read(&other, 0..9).unwrap(), b"first");
    let before = files.stat(&store.at("a.txt")).unwrap().unwrap();
    files.put(&store.at("a.txt"), b"other").unwrap();
    assert_ne!(files.stat(&store.at("a.txt")).unwrap().unwrap().etag, before.etag);
    let mut told = 0;
    let gone = ["a.txt", "a/c/d e+%41ü&.txt", "never"].map(|path| store.at(path));
    files.delete(&gone, &mut |_| told += 1).unwrap();
    assert_eq!(told, 3);
    assert_eq!(store.list("", Depth::One), ["a/", "ab 1"]);
    assert_eq!(store.list("a/", Depth::One), ["a/b.txt 2"], "a folder without blobs is none");
    for missing in [files.read(&gone[0], 0..1).map(drop), files.copy(&gone[0], &store.at("x"))] {
        let error = missing.unwrap_err();
        assert!(matches!(error, StoreError::Missing { what: "blob", .. }), "{error}");
    }
}

#[rstest]
fn containers_come_and_go(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    let names = ["one", "two"].map(|name| format!("{}-{name}", store.container));
    for name in &names {
        assert!(store.files.create_container(name).unwrap());
        assert!(!store.files.create_container(name).unwrap());
    }
    assert_eq!(store.files.containers(&store.container).unwrap(), names);
    assert!(store.files.delete_container(&names[0]).unwrap());
    assert!(!store.files.delete_container(&names[0]).unwrap());
    assert_eq!(store.files.containers(&store.container).unwrap(), names[1..]);
}

#[rstest]
fn appended_bytes_come_one_after_the_other(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    let at = store.at("logs/run.log");
    for line in ["one\n", "two\n", "three\n"] {
        store.files.append(&at, line.as_bytes()).unwrap();
    }
    assert_eq!(store.files.read(&at, 0..1000).unwrap(), b"one\ntwo\nthree\n");
    let to = store.local("run.log");
    download(&*store.files, &at, &to).unwrap();
    assert_eq!(std::fs::read(to).unwrap(), b"one\ntwo\nthree\n");
}

// Sizes around those of blocks: one request, several blocks, a last block that is full or nearly empty.
#[rstest]
fn files_of_any_size_go_there_and_back(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK, 9 * BLOCK + 7] {
        let (from, back) = (store.local("from"), store.local("deep/back"));
        let bytes = noise(size, size as u64);
        std::fs::write(&from, &bytes).unwrap();
        let at = store.at("sub/file");
        let told = upload(&*store.files, &from, &at).unwrap();
        assert_eq!(crate::world::sums(&told), (size as u64, 0));
        let blob = store.files.stat(&at).unwrap().unwrap();
        assert_eq!(blob.size, size as u64);
        let told = download(&*store.files, &at, &back).unwrap();
        assert_eq!(told.last(), Some(&Step::File));
        assert!(std::fs::read(&back).unwrap() == bytes, "{size} bytes");
        assert_eq!(std::fs::read_dir(store.local("deep")).unwrap().count(), 1, "no part is left");
    }
}

#[rstest]
fn many_small_files_go_there_and_back(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    let name = |number: usize| format!("{}/{number}", number % 7);
    let uploads: Vec<_> = (0..200)
        .map(|number| {
            let from = store.local(&format!("from/{}", name(number)));
            std::fs::create_dir_all(from.parent().unwrap()).unwrap();
            std::fs::write(&from, format!("file {number}")).unwrap();
            Upload { from, to: store.at(&name(number)) }
        })
        .collect();
    let mut done = 0;
    store.files.upload(&uploads, &mut |step| done += u32::from(step == Step::File)).unwrap();
    assert_eq!(done, 200);
    let mut downloads = Vec::new();
    let each = &mut |entry| {
        let xt::store::blobs::Entry::Blob(blob) = entry else { panic!("a folder") };
        let to = store.local(&format!("to/{}", blob.path));
        downloads.push(Download { from: store.at(&blob.path), blob, to });
        Ok(())
    };
    store.files.list(&store.at(""), Depth::All, each).unwrap();
    store.files.download(&downloads, false, &mut |_| {}).unwrap();
    for number in 0..200 {
        let text = std::fs::read_to_string(store.local(&format!("to/{}", name(number)))).unwrap();
        assert_eq!(text, format!("file {number}"));
    }
}

// Proves P9: no name leads elsewhere, and neither do links that somebody put among the files.
#[rstest]
fn names_that_lead_elsewhere_are_refused(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    store.files.put(&store.at("a"), b"a").unwrap();
    let from = store.local("from");
    std::fs::write(&from, "x").unwrap();
    for name in ["../x", "/etc/x", "a/../../x", "a//b", ""] {
        let told = upload(&*store.files, &from, &store.at(name)).unwrap_err();
        assert!(matches!(told, StoreError::Unusable { .. }), "{name}: {told}");
        assert!(store.files.put(&store.at(name), b"x").is_err(), "{name}");
        assert!(store.files.read(&store.at(name), 0..1).is_err(), "{name}");
    }
    for name in ["..", "a/b", ".hidden", ""] {
        let told = store.files.put(&Address::new(name, "x"), b"x").unwrap_err();
        assert!(matches!(told, StoreError::Unusable { .. }), "{name}: {told}");
    }
    assert!(!store.local("x").exists());
}

#[test]
fn links_among_the_files_of_a_folder_are_not_followed() {
    let store = Store::new("folder");
    store.files.put(&store.at("a"), b"a").unwrap();
    let secret = store.local("secret");
    std::fs::create_dir(&secret).unwrap();
    std::fs::write(secret.join("key"), "hunter2").unwrap();
    let inside = store.local("store").join(&store.container);
    std::os::unix::fs::symlink(&secret, inside.join("link")).unwrap();
    std::os::unix::fs::symlink(secret.join("key"), inside.join("key")).unwrap();
    assert_eq!(store.list("", Depth::All), ["a 1"]);
    assert_eq!(store.list("link/", Depth::All), Vec::<String>::new());
    for path in ["link/key", "key"] {
        assert_eq!(store.files.stat(&store.at(path)).unwrap(), None);
        assert!(store.files.read(&store.at(path), 0..9).is_err());
        store.files.delete(&[store.at(path)], &mut |_| {}).unwrap();
    }
    assert!(store.files.put(&store.at("link/new"), b"x").is_err());
    assert_eq!(std::fs::read_dir(&secret).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(secret.join("key")).unwrap(), "hunter2");
}

// A blob that is another than the list told is refused, or taken as it is at one moment.
#[rstest]
fn a_blob_that_changed_is_not_mixed(#[values("folder", "azure")] kind: &str) {
    let store = Store::new(kind);
    let at = store.at("log");
    store.files.append(&at, &noise(3 * BLOCK, 1)).unwrap();
    let blob = store.files.stat(&at).unwrap().unwrap();
    store.files.append(&at, b"more").unwrap();
    let one = [Download { from: at, blob, to: store.local("log") }];
    let told = store.files.download(&one, false, &mut |_| {}).unwrap_err();
    assert!(matches!(told, StoreError::Changed { .. }), "{told}");
    assert!(!store.local("log").exists());
    store.files.download(&one, true, &mut |_| {}).unwrap();
    assert!(std::fs::read(store.local("log")).unwrap() == [noise(3 * BLOCK, 1), b"more".to_vec()].concat());
}
