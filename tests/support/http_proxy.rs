//! A bad network: stands before a server and does to each request what the test says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is answered.
    Pass,
    /// The connection breaks before the server hears of it.
    Drop,
    /// The server does it, and its answer is lost.
    Lose,
    /// The server does it, and so many bytes of the answer's body arrive.
    Truncate(usize),
    /// Somebody on the way answers this; the server hears nothing.
    Answer(String),
    /// It stays on its way until the proxy goes.
    Hold,
}

impl Fault {
    /// An answer with a status and no body.
    pub fn status(status: u16) -> Self {
        Self::Answer(format!("HTTP/1.1 {status} Trouble\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    }
}

type Rule = Box<dyn FnMut(&str) -> Fault + Send>;

struct Shared {
    rule: Mutex<Rule>,
    told: Mutex<Sender<String>>,
    over: AtomicBool,
    gate: (Mutex<bool>, Condvar),
}

/// The proxy; it goes with this.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    /// The first line of each request that came.
    pub requests: Receiver<String>,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Stands before a port. The rule is asked for each request, by its first line.
    pub fn before(server: u16, rule: impl FnMut(&str) -> Fault + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, requests) = channel();
        let shared = Arc::new(Shared {
            rule: Mutex::new(Box::new(rule)),
            told: Mutex::new(told),
            over: AtomicBool::new(false),
            gate: (Mutex::new(false), Condvar::new()),
        });
        let inner = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if inner.over.load(Ordering::SeqCst) {
                    return;
                }
                let inner = Arc::clone(&inner);
                // A broken connection is what this is for.
                std::thread::spawn(move || drop(serve(client, server, &inner)));
            }
        });
        Self { port, requests, shared }
    }

    /// The first lines of the requests that came since this was asked last.
    pub fn seen(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        *self.shared.gate.0.lock().unwrap() = true;
        self.shared.gate.1.notify_all();
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut client: TcpStream, server: u16, shared: &Shared) -> std::io::Result<()> {
    let Some((head, body)) = request(&mut client)? else { return Ok(()) };
    let line = head.lines().next().unwrap_or_default().to_owned();
    let fault = (shared.rule.lock().unwrap())(&line);
    let _ = shared.told.lock().unwrap().send(line);
    match fault {
        Fault::Drop => return client.shutdown(Shutdown::Both),
        Fault::Answer(answer) => return client.write_all(answer.as_bytes()),
        Fault::Hold => {
            let mut open = shared.gate.0.lock().unwrap();
            while !*open {
                open = shared.gate.1.wait(open).unwrap();
            }
            return client.shutdown(Shutdown::Both);
        }
        Fault::Pass | Fault::Lose | Fault::Truncate(_) => {}
    }
    // One request a connection, so that the answer ends where the connection ends.
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let head = kept.collect::<Vec<_>>().join("\r\n").trim_end().to_owned() + "\r\nConnection: close\r\n\r\n";
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    upstream.write_all(head.as_bytes())?;
    upstream.write_all(&body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    match fault {
        Fault::Truncate(bytes) => {
            let start = end_of_head(&answer).unwrap_or(answer.len());
            client.write_all(&answer[..answer.len().min(start + bytes)])?;
        }
        Fault::Lose => {}
        _ => client.write_all(&answer)?,
    }
    client.shutdown(Shutdown::Both)
}

/// The head of a request and its body.
fn request(client: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    let start = loop {
        if let Some(start) = end_of_head(&bytes) {
            break start;
        }
        match client.read(&mut piece)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    };
    let mut body = bytes.split_off(start);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while body.len() < length.unwrap_or(0) {
        match client.read(&mut piece)? {
            0 => return Ok(None),
            read => body.extend_from_slice(&piece[..read]),
        }
    }
    Ok(Some((head, body)))
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}
