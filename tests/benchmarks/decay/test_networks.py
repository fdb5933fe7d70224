"""Files as they come -> networks: nothing in a file stops the benchmark, and all is counted."""

import gzip
from pathlib import Path

from benchmarks.decay.networks import assemble, find_files, read_network
from tests.benchmarks.decay.builders import write_gz


def test_both_forms_of_a_file_give_the_same_network(tmp_path: Path) -> None:
    many = write_gz(tmp_path / "many.csv.gz", "t,src,dsts\n90000,1,2 3\n100,2,1\n")
    each = write_gz(tmp_path / "each.csv.gz", "t,src,dst\n90000,1,3\n100,2,1\n90000,1,2\n")
    one, other = read_network(many), read_network(each)
    for network in (one, other):
        assert network.at.tolist() == [100, 90000, 90000]
        assert [network.people[k] for k in network.dst] == ["1", "2", "3"]
        assert network.n_recipients.tolist() == [1, 2, 2]
        assert (network.n_messages, network.first_day, network.end_day) == (2, 0, 2)


def test_rows_that_make_no_sense_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = ("100,a,b", "", "soon,a,b", "200", "300,,b", "400,a,", "nan,a,b", "1e300,a,b", "5.9,b,a")
    network = read_network(write_gz(tmp_path / "odd.csv.gz", "\n".join(["t,src,dst", *rows])))
    assert (network.n_rows, network.n_broken, network.n_messages) == (8, 6, 2)
    assert network.at.tolist() == [5, 100]
    assert not network.trouble


def test_the_order_of_rows_columns_and_repeats_does_not_matter(tmp_path: Path) -> None:
    path = write_gz(
        tmp_path / "x.csv.gz", "dst,weight,src,t\r\nzoë,1,li wei,7\r\nzoë,1,li wei,7\r\n"
    )
    network = read_network(path)
    assert network.people == ("li wei", "zoë")
    assert len(network.at) == 1


def test_who_writes_to_himself_has_written_to_nobody() -> None:
    assert assemble("x", [(1, "a", ("a",)), (2, "a", ("a", "b"))]).at.tolist() == [2]


def test_people_are_in_the_order_of_numbers_whoever_else_there_is() -> None:
    assert assemble("x", [(1, "10", ("9",))]).people == ("9", "10")
    assert assemble("x", [(1, "10", ("9", "x", "Ann"))]).people == ("9", "10", "Ann", "x")


def test_an_empty_file_a_strange_one_and_a_cut_one_are_named(tmp_path: Path) -> None:
    write_gz(tmp_path / "a_empty.csv.gz", "")
    write_gz(tmp_path / "b_strange.csv.gz", "from,to\n1,2\n")
    (tmp_path / "c_text.csv.gz").write_text("t,src,dst\n1,2,3\n")
    whole = gzip.compress(b"t,src,dst\n" + b"".join(b"%d,1,2\n" % k for k in range(90000)))
    (tmp_path / "d_cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    empty, strange, text, cut = (read_network(path) for path in find_files(tmp_path))
    assert "no column t" in empty.trouble
    assert "no column t" in strange.trouble
    assert "not readable" in text.trouble
    assert "not readable" in cut.trouble
    assert 0 < cut.n_messages < 90000


def test_a_line_without_end_and_a_stray_quotation_mark_cost_one_row(tmp_path: Path) -> None:
    lines = ("t,src,dst", '1,"a",b', '2,"a,b', "3,a," + "b" * 200_000, "4,b,a")
    network = read_network(write_gz(tmp_path / "x.csv.gz", "\n".join(lines)))
    assert network.people == ("a", "b")
    assert (network.n_messages, network.n_broken) == (3, 1)


def test_only_picks_files_by_a_part_of_the_name(tmp_path: Path) -> None:
    for name in ("one.csv.gz", "other.csv.gz", "one.txt"):
        write_gz(tmp_path / name, "")
    assert [path.name for path in find_files(tmp_path, "the")] == ["other.csv.gz"]
    assert len(find_files(tmp_path)) == 2
