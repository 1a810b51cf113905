// Proves P7, B14 on a bad network: nothing is lost, mixed or done twice, and what was interrupted goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use xt::store::Files;
use xt::store::azure::Limits;
use xt::store::blobs::{Address, Step};

use crate::azurite::Azurite;
use crate::proxy::{Fault, Proxy};
use crate::world::{BLOCK, LIMITS, azure, container, download, noise, sums, upload};

const SIZE: usize = 12 * BLOCK + 5;

/// Every third request meets the fault.
fn every_third(fault: Fault) -> impl FnMut(&str) -> Fault + Send {
    let mut count = 0;
    move |_| {
        count += 1;
        if count % 3 == 0 { fault.clone() } else { Fault::Pass }
    }
}

#[rstest]
#[case(Fault::status(503))]
#[case(Fault::status(429))]
#[case(Fault::status(500))]
#[case(Fault::Drop)]
#[case(Fault::Lose)]
#[case(Fault::Truncate(10))]
fn files_arrive_whole_whatever_the_network_does(#[case] fault: Fault) {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let (from, back) = (here.path().join("from"), here.path().join("back"));
    std::fs::write(&from, noise(SIZE, 1)).unwrap();
    let at = Address::new(container(), "file");
    let direct = azure(server.port(), LIMITS);
    direct.create_container(&at.container).unwrap();
    let proxy = Proxy::before(server.port(), every_third(fault));
    let bad = azure(proxy.port, LIMITS);
    upload(&bad, &from, &at).unwrap();
    let blob = direct.stat(&at).unwrap().unwrap();
    assert_eq!((blob.size, blob.md5.is_some()), (SIZE as u64, true));
    download(&bad, &at, &back).unwrap();
    assert!(std::fs::read(&back).unwrap() == noise(SIZE, 1));
    assert!(bad.retries() > 0 && direct.retries() == 0, "tries are counted");
}

// A writer whose answers get lost appends nothing twice.
#[test]
fn nothing_is_appended_twice() {
    let server = Azurite::new();
    let at = Address::new(container(), "log");
    let direct = azure(server.port(), LIMITS);
    direct.append(&at, b"zero\n").unwrap();
    let lose = |line: &str| i32::from(line.contains("comp=appendblock"));
    let mut count = 0;
    let proxy = Proxy::before(server.port(), move |line| {
        count += lose(line);
        if lose(line) == 1 && count % 2 == 1 { Fault::Lose } else { Fault::Pass }
    });
    let bad = azure(proxy.port, LIMITS);
    for line in ["one\n", "two\n", "three\n"] {
        bad.append(&at, line.as_bytes()).unwrap();
    }
    assert_eq!(direct.read(&at, 0..1000).unwrap(), b"zero\none\ntwo\nthree\n");
    assert!(bad.retries() > 0);
}

/// From so many requests of a kind on, none comes through.
fn cut_after(kind: &'static str, limit: usize) -> impl FnMut(&str) -> Fault + Send {
    let mut count = 0;
    move |line| {
        count += usize::from(line.contains(kind));
        if count > limit { Fault::status(503) } else { Fault::Pass }
    }
}

#[test]
fn an_upload_goes_on_where_it_was_cut_off() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let from = here.path().join("from");
    std::fs::write(&from, noise(SIZE, 2)).unwrap();
    let at = Address::new(container(), "file");
    let direct = azure(server.port(), LIMITS);
    direct.create_container(&at.container).unwrap();
    let hasty = Limits { retries: 0, ..LIMITS };
    let proxy = Proxy::before(server.port(), cut_after("blockid=", 7));
    let told = upload(&azure(proxy.port, hasty), &from, &at).unwrap_err().to_string();
    assert!(told.contains("it answers 503"), "{told}");
    assert_eq!(direct.stat(&at).unwrap(), None, "nobody sees half a blob");
    // The file changes in its third block: that one is sent anew.
    let mut changed = noise(SIZE, 2);
    changed[2 * BLOCK] ^= 1;
    std::fs::write(&from, &changed).unwrap();
    let (sent, resumed) = sums(&upload(&direct, &from, &at).unwrap());
    assert_eq!(sent + resumed, SIZE as u64);
    let block = BLOCK as u64;
    assert_eq!(resumed % block, 0);
    // Seven came through, three of which may have been given up with the one that did not, and one has changed.
    assert!((3 * block..=7 * block).contains(&resumed), "{resumed}");
    assert!(direct.read(&at, 0..SIZE as u64).unwrap() == changed);
}

#[test]
fn a_download_goes_on_where_it_was_cut_off() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let (from, back) = (here.path().join("from"), here.path().join("back"));
    std::fs::write(&from, noise(SIZE, 3)).unwrap();
    let at = Address::new(container(), "file");
    let direct = azure(server.port(), LIMITS);
    upload(&direct, &from, &at).unwrap();
    let hasty = Limits { retries: 0, ..LIMITS };
    let proxy = Proxy::before(server.port(), cut_after("GET ", 5));
    let told = download(&azure(proxy.port, hasty), &at, &back).unwrap_err().to_string();
    assert!(told.contains("it answers 503"), "{told}");
    assert!(!back.exists(), "nobody sees half a file");
    let steps = download(&direct, &at, &back).unwrap();
    let (sent, resumed) = sums(&steps);
    assert_eq!((sent + resumed, resumed % BLOCK as u64), (SIZE as u64, 0));
    assert!(resumed > 0 && steps.first() == Some(&Step::Resumed(resumed)), "{steps:?}");
    assert!(std::fs::read(&back).unwrap() == noise(SIZE, 3));
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 2, "no part is left");
}

// What is left of one download is not taken for a part of another.
#[test]
fn a_part_of_other_contents_is_not_gone_on_with() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let (from, back) = (here.path().join("from"), here.path().join("back"));
    let at = Address::new(container(), "file");
    let direct = azure(server.port(), LIMITS);
    std::fs::write(&from, noise(SIZE, 4)).unwrap();
    upload(&direct, &from, &at).unwrap();
    let hasty = Limits { retries: 0, ..LIMITS };
    let proxy = Proxy::before(server.port(), cut_after("GET ", 5));
    download(&azure(proxy.port, hasty), &at, &back).unwrap_err();
    std::fs::write(&from, noise(SIZE, 5)).unwrap();
    upload(&direct, &from, &at).unwrap();
    assert_eq!(sums(&download(&direct, &at, &back).unwrap()), (SIZE as u64, 0));
    assert!(std::fs::read(&back).unwrap() == noise(SIZE, 5));
}

// Two that write one blob: what is there afterwards is what one of them wrote, whole.
#[test]
fn two_uploads_of_one_blob_do_not_mix() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let at = Address::new(container(), "file");
    azure(server.port(), LIMITS).create_container(&at.container).unwrap();
    let files: Vec<_> = [6, 7]
        .map(|seed| {
            let file = here.path().join(seed.to_string());
            std::fs::write(&file, noise(SIZE, seed)).unwrap();
            file
        })
        .into();
    std::thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| upload(&azure(server.port(), LIMITS), file, &at).unwrap());
        }
    });
    let stored = azure(server.port(), LIMITS).read(&at, 0..SIZE as u64).unwrap();
    assert!(stored == noise(SIZE, 6) || stored == noise(SIZE, 7));
}

// No more blocks are under way than there are slots, whatever the number and size of the files.
#[test]
fn no_more_is_under_way_than_there_are_slots() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let container = container();
    let direct = azure(server.port(), LIMITS);
    direct.create_container(&container).unwrap();
    let held = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&held);
    let proxy = Proxy::before(server.port(), move |line| {
        if line.contains("blockid=") {
            count.fetch_add(1, Ordering::SeqCst);
            return Fault::Hold;
        }
        Fault::Pass
    });
    let uploads: Vec<_> = (0..6)
        .map(|number| {
            let from = here.path().join(number.to_string());
            std::fs::write(&from, noise(SIZE, number)).unwrap();
            xt::store::blobs::Upload { from, to: Address::new(&container, number.to_string()) }
        })
        .collect();
    let slow = azure(proxy.port, Limits { retries: 0, ..LIMITS });
    std::thread::scope(|scope| {
        let upload = scope.spawn(|| slow.upload(&uploads, &mut |_| {}));
        let mut seen = 0;
        while seen < LIMITS.slots {
            let line = proxy.requests.recv().unwrap();
            seen += usize::from(line.contains("blockid="));
        }
        // Whoever is not held has had all the time in the world: these answers come after.
        for _ in 0..20 {
            direct.stat(&uploads[0].to).unwrap();
        }
        assert_eq!(held.load(Ordering::SeqCst), LIMITS.slots);
        drop(proxy);
        upload.join().unwrap().unwrap_err();
    });
}

#[test]
fn what_is_wrong_is_told_in_words() {
    let server = Azurite::new();
    let at = Address::new(container(), "file");
    let hasty = Limits { retries: 0, ..LIMITS };
    // Another key.
    let mut service = crate::world::service(&server.endpoint);
    service.key = Some(xt::config::Secret::inline("aHVudGVyMg=="));
    let wrong = xt::store::azure::Azure::open(&service, hasty, &|_| None).unwrap();
    let told = wrong.put(&at, b"x").unwrap_err().to_string();
    assert!(told.contains("the account's key is refused (AuthorizationFailure): check it"), "{told}");
    assert!(
        told.starts_with(&format!("cannot upload {at} to the storage account devstoreaccount1 at")),
        "{told}"
    );
    assert!(!told.contains("aHVudGVyMg"), "{told}");
    // Nobody there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = azure(port, hasty).stat(&at).unwrap_err().to_string();
    assert!(told.contains("it cannot be reached (Connection refused"), "{told}");
    // A signature in the address stays secret when the address cannot be reached, and when it is refused.
    for port in [port, server.port()] {
        let mut service = crate::world::service(&format!("http://127.0.0.1:{port}/devstoreaccount1"));
        (service.key, service.sas) = (None, Some(xt::config::Secret::inline("sv=2022-11-02&sig=hunter2")));
        let sas = xt::store::azure::Azure::open(&service, hasty, &|_| None).unwrap();
        let told = sas.put(&at, b"x").unwrap_err().to_string();
        assert!(!told.contains("hunter2") && !format!("{sas:?}").contains("hunter2"), "{told}");
    }
    // A clock that is wrong.
    let proxy = Proxy::before(server.port(), |_| {
        Fault::Answer(
            "HTTP/1.1 403 No\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nx-ms-error-code: AuthenticationFailed\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
                .to_owned(),
        )
    });
    let told = azure(proxy.port, hasty).put(&at, b"x").unwrap_err().to_string();
    assert!(
        told.contains("this machine's clock is") && told.contains("minutes ahead of the service's"),
        "{told}"
    );
    assert_eq!(proxy.seen().len(), 1, "a refusal is not tried again");
}

// Proves A10: a shared access signature opens the account as the key does, for requests of every kind.
#[test]
fn a_shared_access_signature_opens_the_account() {
    let server = Azurite::new();
    let here = tempfile::tempdir().unwrap();
    let (from, back) = (here.path().join("from"), here.path().join("back"));
    std::fs::write(&from, noise(SIZE, 8)).unwrap();
    let fields =
        ["devstoreaccount1", "rwdlac", "b", "sco", "", "2099-01-01T00:00:00Z", "", "", "2020-08-04", ""];
    let key = azure_core::credentials::Secret::new(crate::azurite::KEY);
    let signature = azure_core::hmac::hmac_sha256(&fields.join("\n"), &key).unwrap();
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let sas = format!("?sv=2020-08-04&ss=b&srt=sco&sp=rwdlac&se=2099-01-01T00%3A00%3A00Z&sig={signature}");
    let mut service = crate::world::service(&server.endpoint);
    (service.key, service.sas) = (None, Some(xt::config::Secret::inline(&sas)));
    let azure = xt::store::azure::Azure::open(&service, LIMITS, &|_| None).unwrap();
    let at = Address::new(container(), "a b/file");
    upload(&azure, &from, &at).unwrap();
    azure.append(&at.with_path("log"), b"line").unwrap();
    azure.copy(&at, &at.with_path("copy")).unwrap();
    download(&azure, &at.with_path("copy"), &back).unwrap();
    assert!(std::fs::read(&back).unwrap() == noise(SIZE, 8));
    let mut names = Vec::new();
    let each = &mut |entry: xt::store::blobs::Entry| {
        names.push(entry.path().to_owned());
        Ok(())
    };
    azure.list(&at.with_path(""), xt::store::blobs::Depth::All, each).unwrap();
    assert_eq!(names, ["a b/file", "copy", "log"]);
}
