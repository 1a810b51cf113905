//! A proxy between a driver and its server that fails at chosen rates or at chosen commands: it drops requests, delays and
//! truncates answers, and loses answers after the server did what it was asked.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What may happen to a request or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request never arrives.
    Drop,
    /// The answer comes late.
    Delay,
    /// Half of the answer comes.
    Truncate,
    /// The server does it, and its answer never comes.
    Lose,
    /// The server does it, its answer never comes, and nobody answers from then on until [`Proxy::strike`] says so.
    Leave,
}

/// Commands that are struck; what drivers say to each other to get acquainted is let through.
const COMMANDS: [&str; 6] = ["insert", "update", "find", "aggregate", "delete", "findAndModify"];

/// What is to happen to a command, told as `insert ws1`: by its name and the collection.
type Decide = dyn FnMut(&str) -> Option<Fault> + Send;

pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    is_on: AtomicBool,
    is_gone: AtomicBool,
    struck: AtomicU64,
    decide: Mutex<Box<Decide>>,
}

impl Proxy {
    /// A proxy before a server (`host:port`); `decide` is asked for each command what happens to it.
    pub fn new(server: &str, decide: impl FnMut(&str) -> Option<Fault> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            is_on: AtomicBool::new(false),
            is_gone: AtomicBool::new(false),
            struck: AtomicU64::new(0),
            decide: Mutex::new(Box::new(decide)),
        });
        let of_listener = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&of_listener);
                std::thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Self { port, shared }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Begins to fail, or ends it.
    pub fn strike(&self, on: bool) {
        self.shared.is_gone.store(false, Ordering::SeqCst);
        self.shared.is_on.store(on, Ordering::SeqCst);
    }

    /// How often it has failed.
    pub fn struck(&self) -> u64 {
        self.shared.struck.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// One connection: a request, its answer, the next request.
    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut server = TcpStream::connect(&self.server)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let mut is_streaming = false;
        loop {
            if is_streaming {
                // A monitor is answered until it hangs up.
                let answer = message(&mut server)?;
                is_streaming = has_more(&answer);
                client.write_all(&answer)?;
            } else {
                let request = message(&mut client)?;
                if self.is_gone.load(Ordering::SeqCst) {
                    return close(&client, &server);
                }
                let asked = command(&request).filter(|_| self.is_on.load(Ordering::SeqCst));
                let fault = asked.and_then(|asked| (self.decide.lock().unwrap())(&asked));
                self.struck.fetch_add(u64::from(fault.is_some()), Ordering::SeqCst);
                if fault == Some(Fault::Drop) {
                    return close(&client, &server);
                }
                server.write_all(&request)?;
                let answer = message(&mut server)?;
                match fault {
                    Some(Fault::Lose) => return close(&client, &server),
                    Some(Fault::Leave) => {
                        self.is_gone.store(true, Ordering::SeqCst);
                        return close(&client, &server);
                    }
                    Some(Fault::Truncate) => {
                        client.write_all(&answer[..answer.len() / 2])?;
                        return close(&client, &server);
                    }
                    Some(Fault::Delay) => std::thread::park_timeout(Duration::from_millis(5)),
                    _ => {}
                }
                is_streaming = has_more(&answer);
                client.write_all(&answer)?;
            }
        }
    }
}

fn close(client: &TcpStream, server: &TcpStream) -> std::io::Result<()> {
    client.shutdown(Shutdown::Both)?;
    server.shutdown(Shutdown::Both)
}

/// The command of a request that may be struck, and its collection: the first field of its document.
fn command(request: &[u8]) -> Option<String> {
    let text = |from: usize| {
        let end = request[from..].iter().position(|byte| *byte == 0)? + from;
        Some((std::str::from_utf8(&request[from..end]).ok()?, end + 1))
    };
    // After the header come flags, the kind of the section, the length of its document and the type of the field.
    let (name, end) = (request.len() > 26).then(|| text(26))??;
    COMMANDS.contains(&name).then(|| text(end + 4).map(|(collection, _)| format!("{name} {collection}")))?
}

/// A message of the protocol: its length comes first.
fn message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; 16];
    stream.read_exact(&mut bytes)?;
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
    bytes.resize(length.max(16), 0);
    stream.read_exact(&mut bytes[16..])?;
    Ok(bytes)
}

/// Whether a further answer follows unasked: the flag `moreToCome` of `OP_MSG`.
fn has_more(answer: &[u8]) -> bool {
    let code = u32::from_le_bytes(answer[12..16].try_into().unwrap());
    code == 2013 && answer.len() > 20 && answer[16] & 2 != 0
}
