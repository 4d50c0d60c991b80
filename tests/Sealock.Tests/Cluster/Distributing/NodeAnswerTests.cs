// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Distributing;

public sealed class NodeAnswerTests
{
    private const string Hash = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce";

    private static readonly string[] Owners = ["kube:kube", "nobody"];
    private static readonly string[] Files = ["a/b", "c"];
    private static readonly string[] Folders = ["", "a", "var", "var/lib", "var/lib/sealock", "var/lib/sealock/distribute"];

    private static readonly string[] Answers =
    [
        "user 0", "recovered completed", "owner 0 997 996", "owner 1 - -", $"file 0 file 600 0 0 {Hash}", "file 1 - - - - -",
        "folder 0 folder 755 0 0 41", "folder 1 folder 700 0 0 42", "folder 2 folder 755 0 0 41", "folder 3 - - - - -",
        "folder 4 - - - - -", "folder 5 - - - - -",
        "former sealock-journal 1 0123456789ab", $"former file 0 . + link - 0 0 {Hash} file 600 0 0 {Hash} a/b c", "end",
    ];

    [Fact]
    public void An_answer_is_read()
    {
        var answer = NodeAnswer.Read(Answers, Owners, Files, Folders);
        Assert.Equal((0u, StagingRecovery.Completed, false), (answer.User, answer.Recovery, answer.IsPending));
        Assert.Equal(new FileOwner(997, 996), answer.Owner("kube:kube"));
        Assert.Throws<DistributionException>(() => answer.Owner("nobody"));
        Assert.Equal((FileKind.File, AtomicFile.Secret, Hash), (answer.File("a/b").Kind, answer.File("a/b").Mode, answer.File("a/b").Sha256));
        Assert.Null(answer.File("c").Kind);
        Assert.Equal("0123456789ab", answer.Former?.Id);
        Assert.Equal(("a/b c", FileKind.Link), (answer.Former?.Entries[0].Path, answer.Former?.Entries[0].Before.ToEntry().Kind));
        Assert.Equal(Answers[13]["former ".Length..], answer.Former?.Entries[0].ToString());

        // "a" is a file system of its own, so what goes there waits there; "c" waits in the state folder.
        Assert.Equal("1", answer.Depth("a/b"));
        Assert.Equal(".", answer.Depth("c"));
    }

    [Fact]
    public void An_answer_in_which_something_is_missing_is_none()
    {
        foreach (var left in Enumerable.Range(2, 10))
        {
            Assert.Throws<FormatException>(
                () => NodeAnswer.Read([.. Answers.Where((_, i) => i != left)], Owners, Files, Folders));
        }
    }

    [Fact]
    public void Whatever_a_node_answers_is_read_or_refused()
    {
        var gen = from line in Gen.Choose(0, Answers.Length - 1)
                  from field in Gen.Choose(0, 8)
                  from text in Gen.Elements("", "-", "-1", "4294967296", "9999999999999999999", "x", "888", "file", "..", "/", "\u001b[31m")
                  select (line, field, text);
        Prop.ForAll(gen.ToArbitrary(), mutation =>
        {
            var answers = Answers.ToArray();
            var fields = answers[mutation.line].Split(' ');
            fields[mutation.field % fields.Length] = mutation.text;
            answers[mutation.line] = string.Join(' ', fields);
            try
            {
                NodeAnswer.Read(answers, Owners, Files, Folders);
            }
            catch (Exception fault) when (fault is FormatException or OverflowException)
            {
                // As NodeDistribution takes it: the node's answer cannot be understood.
            }
        }).QuickCheckThrowOnFailure();
    }
}
