//! Tells an address: one HTTP POST of the document.

use std::io::ErrorKind;
use std::thread::sleep;

use ureq::{Agent, Error};

use super::{Message, NotifyError, Patience};

/// It is tried so often, when it cannot be reached or has trouble of its own.
const TRIES: u32 = 3;

/// Posts a message. An address that is silent is not asked again: it may have taken it.
pub fn post(url: &str, message: &Message, patience: Patience) -> Result<(), NotifyError> {
    let url = url.trim();
    if !["http://", "https://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
    {
        return Err(NotifyError::Address);
    }
    // Nothing is sent on to where the user did not send it.
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(patience.answer))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("xt/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let body = serde_json::to_vec(message).unwrap_or_default();
    let mut pause = patience.pause;
    let mut tries = 1;
    loop {
        let answer = agent.post(url).content_type("application/json").send(body.as_slice());
        let (error, again) = match answer.map(|answer| answer.status().as_u16()) {
            Ok(200..=299) => return Ok(()),
            Ok(status) => (NotifyError::Status { status }, status >= 500),
            Err(error) => failure(&error, patience),
        };
        if !again || tries == TRIES {
            return Err(error);
        }
        sleep(pause);
        pause *= 4;
        tries += 1;
    }
}

/// What an error means, and whether it may be over in a moment. The client's own words are not used where they
/// might name the address.
fn failure(error: &Error, patience: Patience) -> (NotifyError, bool) {
    let unreachable = |why: String| NotifyError::Unreachable(why);
    match error {
        Error::Timeout(_) => (NotifyError::Silent(patience.answer), false),
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => {
            (NotifyError::Silent(patience.answer), false)
        }
        Error::Io(error) => (unreachable(error.kind().to_string()), true),
        Error::HostNotFound => (unreachable("its name is not known".to_owned()), true),
        Error::ConnectionFailed => (unreachable("no connection".to_owned()), true),
        Error::BadUri(_) | Error::Http(_) => (NotifyError::Address, false),
        Error::Rustls(error) => (unreachable(format!("TLS: {error}")), false),
        Error::Tls(why) => (unreachable(format!("TLS: {why}")), false),
        _ => (unreachable("it does not speak HTTP as expected".to_owned()), false),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;
    use std::time::Duration;

    use rstest::rstest;

    use super::*;

    /// Reads a request; answers its first line and its body.
    fn request(stream: &TcpStream) -> (String, String) {
        let mut reader = BufReader::new(stream);
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (first.trim().to_owned(), String::from_utf8(body).unwrap())
    }

    /// A server that gives these answers, one a connection, and tells what it was asked.
    fn server(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<(String, String)>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?key=hunter2", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                requests.push(request(&stream));
                write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .unwrap();
            }
            requests
        });
        (url, thread)
    }

    fn patience() -> Patience {
        let (answer, pause) = (Duration::from_mins(1), Duration::from_millis(1));
        Patience { answer, pause, ..Patience::default() }
    }

    fn post_test(url: &str, patience: Patience) -> Result<(), NotifyError> {
        post(url, &Message::test("ws1", "me", "box1"), patience)
    }

    // Proves C11: a message arrives; trouble is tried again, a refusal is not, and nobody is sent elsewhere.
    #[rstest]
    #[case(&["200 OK"], None)]
    #[case(&["500 Oh", "204 No Content"], None)]
    #[case(&["503 Oh", "502 Oh", "200 OK"], None)]
    #[case(&["500 Oh", "500 Oh", "500 Oh"], Some("the address of `notify.url` answered with HTTP status 500"))]
    #[case(&["404 No"], Some("the address of `notify.url` answered with HTTP status 404"))]
    #[case(&["307 Go\r\nLocation: http://127.0.0.1:1/"], Some("the address of `notify.url` answered with HTTP status 307; a redirection is not followed, name the final address"))]
    fn an_address_is_told(#[case] answers: &'static [&'static str], #[case] error: Option<&str>) {
        let (url, server) = server(answers);
        let result = post_test(&url, patience());
        assert_eq!(result.err().map(|error| error.to_string()).as_deref(), error);
        let requests = server.join().unwrap();
        assert_eq!(requests.len(), answers.len());
        for (first, body) in requests {
            assert_eq!(first, "POST /hook?key=hunter2 HTTP/1.1");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap()["event"], "test");
        }
    }

    // Proves C11: a server that hangs is given up, and asked once.
    #[test]
    fn a_silent_server_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let patience = Patience { answer: Duration::from_millis(50), ..patience() };
        let error = post_test(&url, patience).unwrap_err();
        assert!(matches!(error, NotifyError::Silent(_)), "{error}");
        listener.set_nonblocking(true).unwrap();
        let asked = std::iter::from_fn(|| listener.accept().ok()).count();
        assert_eq!(asked, 1);
    }

    // Proves P10: no error names the address.
    #[rstest]
    #[case("ftp://hunter2.example.com/")]
    #[case("hunter2")]
    #[case("http://")]
    #[case("http://hunter2 example/")]
    #[case("http://127.0.0.1:1/hunter2")]
    #[case("https://127.0.0.1:1/hunter2")]
    #[case("http://hunter2.invalid/")]
    #[case("https://ä/\0hunter2")]
    fn what_cannot_be_told_is_said_without_the_address(#[case] url: &str) {
        let error = post_test(url, patience()).unwrap_err().to_string();
        assert!(!error.contains("hunter2") && error.contains("notify.url"), "{error}");
    }
}
