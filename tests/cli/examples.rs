// Proves B6: the examples of every verb's help do what they show.

use super::harness::Xt;

#[test]
fn every_example_of_the_help_works() {
    for (verb, lines) in xt::cli::examples() {
        // A home for each verb and noun: some destroy what others look at.
        let xt = Xt::new();
        xt.write("prepare.sh", "");
        for command in [&["train.py"][..], &["echo", "2"], &["echo", "3"]] {
            xt.ok(&[&["run", "--tags=best,lr=1"], command].concat());
        }
        xt.ok(&["wait", "job1-job3"]);
        xt.ok(&["create", "share", "data"]);
        xt.ok(&["upload", "prepare.sh", "notes/a.txt"]);
        xt.ok(&["upload", "prepare.sh", "--share=data"]);
        for line in lines {
            let words = shell_words::split(&line).unwrap();
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            assert_eq!(words.first(), Some(&"xt"), "{verb}: {line}");
            let output = xt.output(&words[1..]);
            assert!(output.status.success(), "{verb}: {line}: {output:?}");
        }
    }
}

#[test]
fn every_verb_has_examples() {
    let with: Vec<String> = xt::cli::examples().into_iter().map(|(path, _)| path).collect();
    let xt = Xt::new();
    let help = xt.ok(&["help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for verb in commands.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next())
    {
        if verb != "help" {
            assert!(with.iter().any(|path| path.split(' ').next() == Some(verb)), "{verb} has no examples");
        }
    }
}
