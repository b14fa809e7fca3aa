use super::*;

fn paper(limit: usize) -> Paper {
    Paper {
        limit,
        unit: TextUnit::Utf16,
        rich: true,
    }
}

fn plain(text: &str) -> Passage {
    Passage::new().plain(text)
}

#[test]
fn only_marks_are_markup() {
    let passage = Passage::new()
        .bold("*a* ")
        .plain("# ")
        .marked(Mark::Code, "b\"*`c")
        .plain("\n# ")
        .marked(Mark::Italic, " _d_ ");
    assert_eq!(
        paper(100).messages(&[passage], 0),
        ["**\\*a\\*** # `b\"*`\\``c`\n\\#  *\\_d\\_* "]
    );
}

#[test]
fn two_of_a_kind_are_one() {
    let passage = Passage::new().bold("a").bold("b").plain("").bold("c");
    assert_eq!(passage.markdown(true), "**abc**");
    let passage = Passage::new()
        .marked(Mark::Code, "a")
        .marked(Mark::Code, "b");
    assert_eq!(passage.markdown(true), "`ab`");
    assert_eq!(passage.markdown(false), "ab");
}

#[test]
fn marks_are_closed_where_a_line_or_a_message_ends() {
    let passage = Passage::new().bold("one\n\ntwo three").plain(" four.");
    assert_eq!(passage.markdown(true), "**one**\n\n**two three** four.");
    let passage = plain("One ").bold("two three").plain(" four.");
    assert_eq!(
        paper(11).messages(&[passage], 0),
        ["One **two**", "**three**", "four."]
    );
}

#[test]
fn a_quotation_is_set_off_line_by_line() {
    let passage = plain("- a\nb").quoted();
    assert_eq!(passage.markdown(true), "> \\- a\n> b");
    let all = [plain("before"), passage, plain("after")];
    assert_eq!(paper(100).joined(&all), "before\n> \\- a\n> b\nafter");
}

#[test]
fn a_time_is_written_whole_or_not_at_all() {
    let passage = plain("at ").time(7).plain(".");
    assert_eq!(passage.markdown(false), "at <t:7:t>.");
    let torn = paper(5).messages(&[passage], 0).concat();
    assert!(torn.contains("\\<t"), "{torn}");
}

#[test]
fn lengths_are_counted_as_sent() {
    assert_eq!(paper(4).messages(&[plain("**ab")], 0), ["\\*\\*", "ab"]);
    assert_eq!(paper(4).messages(&[plain("🦜🦜")], 0), ["🦜🦜"]);
    assert_eq!(paper(3).messages(&[plain("🦜🦜")], 0), ["🦜", "🦜"]);
    let bold = Passage::new().bold("one two");
    assert_eq!(
        paper(7).messages(std::slice::from_ref(&bold), 0),
        ["**one**", "**two**"]
    );
    assert_eq!(paper(11).messages(&[bold], 0), ["**one two**"]);
}

#[test]
fn passages_stay_whole_where_they_can() {
    let all = [plain("one"), plain("two two"), plain("six")];
    assert_eq!(paper(12).messages(&all, 0), ["one\n\ntwo two", "six"]);
    assert_eq!(paper(12).messages(&all, 5), ["one", "two two\n\nsix"]);
    assert_eq!(paper(100).messages(&all, 0), ["one\n\ntwo two\n\nsix"]);
}

#[test]
fn there_is_an_end_to_the_narrowest_message() {
    let passage = plain("🦜a \n b").marked(Mark::Bold, "\n\n");
    assert_eq!(paper(0).messages(&[passage], 9), ["🦜", "a", "b"]);
    assert_eq!(paper(5).messages(&[plain(" \n ")], 0), [""; 0]);
    assert_eq!(paper(3).messages(&[Passage::new().bold("ab")], 0).len(), 2);
}
