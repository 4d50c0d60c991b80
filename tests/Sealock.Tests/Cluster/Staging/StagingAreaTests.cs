// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Staging;

public sealed class StagingAreaTests : IDisposable
{
    private readonly Folder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_set_is_made_with_its_folders_and_modes()
    {
        var outcome = _root.Apply(Folder.Set(
            Folder.File("etc/pki/ca.crt", "certificate", AtomicFile.Public), Folder.File("etc/pki/ca.key", "key")));
        Assert.Equal(2, outcome.Count(ChangeKind.Created));
        Assert.Equal("etc/ 700\netc/pki/ 700\netc/pki/ca.crt 644 certificate\netc/pki/ca.key 600 key", _root.Text());
    }

    [Fact]
    public void A_second_apply_changes_nothing_and_keeps_the_former_set()
    {
        _root.Apply(Folder.Set(Folder.File("a", "1")));
        _root.Apply(Folder.Set(Folder.File("a", "2")));
        var written = File.GetLastWriteTimeUtc(_root[".sealock/former.json"]);
        var outcome = _root.Apply(Folder.Set(Folder.File("a", "2")));
        Assert.False(outcome.Changed);
        Assert.Equal([ChangeKind.Unchanged], outcome.Changes.Select(change => change.Kind));
        Assert.Equal(written, File.GetLastWriteTimeUtc(_root[".sealock/former.json"]));
    }

    [Fact]
    public void Each_file_says_what_happened_to_it()
    {
        _root.Apply(Folder.Set(
            Folder.File("same", "1"), Folder.File("other", "1"), Folder.File("mode", "1"), Folder.File("gone", "1")));
        var outcome = _root.Apply(new ChangeSet
        {
            Files =
            [
                Folder.File("same", "1"), Folder.File("other", "2"), Folder.File("mode", "1", AtomicFile.Public), Folder.File("new", "1"),
            ],
            Deleted = ["gone", "never"],
        });
        Assert.Equal(
            [
                ChangeKind.Unchanged, ChangeKind.Replaced, ChangeKind.Adjusted, ChangeKind.Created, ChangeKind.Deleted,
                ChangeKind.Unchanged,
            ],
            outcome.Changes.Select(change => change.Kind));
        Assert.Equal("mode 644 1\nnew 600 1\nother 600 2\nsame 600 1", _root.Text());
    }

    [Fact]
    public void Folders_keep_their_inodes_and_take_their_modes()
    {
        Directory.CreateDirectory(_root["pki"]);
        using var root = OpenFolder.Open(_root.Path);
        var before = root.Look("pki");
        var outcome = _root.Apply(new ChangeSet
        {
            Files = [Folder.File("pki/a", "1")],
            Folders = [new WantedFolder { Path = "pki", Mode = AtomicFile.PrivateFolder }],
        });
        Assert.Equal(ChangeKind.Adjusted, outcome.Changes[0].Kind);
        var after = root.Look("pki");
        Assert.Equal(before?.Inode, after?.Inode);
        Assert.Equal(AtomicFile.PrivateFolder, after?.Mode);
    }

    [Fact]
    public void A_rollback_restores_everything_and_can_itself_be_rolled_back()
    {
        _root.Apply(Folder.Set(Folder.File("a", "1", AtomicFile.Public), Folder.File("b", "1")));
        File.CreateSymbolicLink(_root["link"], "a");
        var before = _root.Text();
        _root.Apply(new ChangeSet
        {
            Files = [Folder.File("a", "2"), Folder.File("link", "file"), Folder.File("new/c", "1")],
            Deleted = ["b"],
        });
        var after = _root.Text();

        using (var area = StagingArea.Open(_root.Path))
            area.Rollback();
        Assert.Equal(before, _root.Text());
        using (var area = StagingArea.Open(_root.Path))
            area.Rollback();
        Assert.Equal(after, _root.Text());
    }

    [Fact]
    public void A_rollback_overwrites_what_others_have_changed_only_by_force()
    {
        _root.Apply(Folder.Set(Folder.File("a", "1")));
        _root.Apply(Folder.Set(Folder.File("a", "2")));
        File.WriteAllText(_root["a"], "3");
        using var area = StagingArea.Open(_root.Path);
        Assert.Contains("changed by somebody else since: a", Assert.Throws<StagingException>(() => area.Rollback()).Message);
        area.Rollback(force: true);
        Assert.Equal("a 600 1", _root.Text());
    }

    [Fact]
    public void Without_a_former_set_there_is_nothing_to_roll_back_to()
    {
        using var area = StagingArea.Open(_root.Path);
        Assert.False(area.HasFormer);
        Assert.Contains("no former set", Assert.Throws<StagingException>(() => area.Rollback()).Message);
    }

    [Fact]
    public void A_preview_changes_nothing()
    {
        File.WriteAllText(_root["a"], "1");
        var kinds = StagingArea.Preview(_root.Path, Folder.Set(Folder.File("a", "2"), Folder.File("d/b", "1")))
            .Select(change => change.Kind);
        Assert.Equal([ChangeKind.Created, ChangeKind.Replaced, ChangeKind.Created], kinds);
        Assert.Equal([_root["a"]], Directory.GetFileSystemEntries(_root.Path));
        Assert.Single(StagingArea.Preview(_root["none"], Folder.Set(Folder.File("a", "2"))));
    }

    [Theory]
    [InlineData("/a")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a\nb")]
    public void A_path_that_is_not_plainly_below_the_root_is_refused(string path)
    {
        using var area = StagingArea.Open(_root.Path);
        Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File(path, "1"))));
        Assert.Throws<StagingException>(() => area.Apply(new ChangeSet { Files = [], Deleted = [path] }));
    }

    [Fact]
    public void A_set_that_contradicts_itself_or_exceeds_a_limit_is_refused()
    {
        using var area = StagingArea.Open(_root.Path, new StagingOptions { Limits = new StagingLimits { Entries = 2, FileBytes = 4 } });
        Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File("a", "1"), Folder.File("a", "2"))));
        Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File("a", "1"), Folder.File("a/b", "2"))));
        Assert.Throws<StagingException>(() => area.Apply(new ChangeSet { Files = [Folder.File("a", "1")], Deleted = ["a"] }));
        Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File("a", "12345"))));
        Assert.Throws<StagingException>(
            () => area.Apply(Folder.Set(Folder.File("a", "1"), Folder.File("b", "1"), Folder.File("c", "1"))));
        File.WriteAllText(_root["long"], "12345");
        Assert.Contains("in the way: long", Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File("long", "1")))).Message);
    }

    [Fact]
    public void What_is_in_the_way_is_named_and_nothing_is_changed()
    {
        Directory.CreateDirectory(_root["a"]);
        File.WriteAllText(_root["file"], "");
        using var area = StagingArea.Open(_root.Path);
        Assert.Contains("in the way: a ", Assert.Throws<StagingException>(
            () => area.Apply(Folder.Set(Folder.File("b", "1"), Folder.File("a", "1")))).Message);
        Assert.Contains("file is no folder", Assert.Throws<StagingException>(
            () => area.Apply(Folder.Set(Folder.File("b", "1"), Folder.File("file/c", "1")))).Message);
        Assert.False(File.Exists(_root["b"]));
    }

    [Fact]
    public void A_linked_folder_below_the_root_is_followed_and_one_that_leads_out_is_not()
    {
        using var outside = new Folder();
        Directory.CreateDirectory(_root["real/deep"]);
        Directory.CreateSymbolicLink(_root["relative"], "real/../real/./deep");
        Directory.CreateSymbolicLink(_root["absolute"], _root["real"]);
        Directory.CreateSymbolicLink(_root["out"], outside.Path);
        Directory.CreateSymbolicLink(_root["up"], "real/../..");
        Directory.CreateSymbolicLink(_root["loop"], "loop");
        using var area = StagingArea.Open(_root.Path);
        area.Apply(Folder.Set(Folder.File("relative/a", "1"), Folder.File("absolute/b", "1"), Folder.File("absolute/new/c", "1")));
        Assert.True(File.Exists(_root["real/deep/a"]) && File.Exists(_root["real/b"]) && File.Exists(_root["real/new/c"]));
        foreach (var name in new[] { "out/a", "up/a", "loop/a" })
            Assert.Throws<StagingException>(() => area.Apply(Folder.Set(Folder.File(name, "1"))));
        Assert.Empty(Directory.GetFileSystemEntries(outside.Path));
    }

    [Fact]
    public void A_link_of_a_user_who_is_not_root_is_not_followed()
    {
        if (!FileOwner.MayBeChanged)
            return;
        using (var root = OpenFolder.Open(_root.Path))
        {
            root.CreateChild("real", AtomicFile.PrivateFolder);
            root.CreateLink("link", "real", new FileOwner(12345, 12345));
        }

        using var area = StagingArea.Open(_root.Path);
        Assert.Contains("belongs neither to root", Assert.Throws<StagingException>(
            () => area.Apply(Folder.Set(Folder.File("link/a", "1")))).Message);
    }

    [Fact]
    public void Files_and_folders_are_given_to_their_owners()
    {
        if (!FileOwner.MayBeChanged)
            return;
        var kube = new FileOwner(12345, 23456);
        _root.Apply(Folder.Set(
            Folder.File("k8s/pki/a", "1", owner: kube), Folder.File("k8s/own", "1"), Folder.File("other", "1", owner: kube)));
        using var root = OpenFolder.Open(_root.Path);
        using var k8s = root.OpenChild("k8s");
        Assert.Equal(FileOwner.Current, k8s?.LookAtItself().Owner);
        Assert.Equal(kube, k8s?.Look("pki")?.Owner);
        Assert.Equal(kube, root.Look("other")?.Owner);

        // Where no owner is asked for, the one it has stays; an owner alone is a change, too.
        _root.Apply(Folder.Set(Folder.File("other", "2")));
        Assert.Equal(kube, root.Look("other")?.Owner);
        var outcome = _root.Apply(Folder.Set(Folder.File("other", "2", owner: new FileOwner(0, 0))));
        Assert.Equal(1, outcome.Count(ChangeKind.Adjusted));
        Assert.Equal(new FileOwner(0, 0), root.Look("other")?.Owner);
        using var area = StagingArea.Open(_root.Path);
        area.Rollback();
        Assert.Equal(kube, root.Look("other")?.Owner);
    }

    [Fact]
    public void Two_cannot_change_the_same_root_at_once()
    {
        using var area = StagingArea.Open(_root.Path);
        Assert.Contains("another process", Assert.Throws<StagingException>(() => StagingArea.Open(_root.Path)).Message);
    }

    [Fact]
    public void A_journal_that_cannot_be_understood_is_named_and_left_alone()
    {
        _root.Apply(Folder.Set(Folder.File("a", "1")));
        File.WriteAllText(_root[".sealock/journal.json"], "{}");
        Assert.Contains("journal.json cannot be understood", Assert.Throws<StagingException>(() => StagingArea.Open(_root.Path)).Message);
        Assert.Equal("{}", File.ReadAllText(_root[".sealock/journal.json"]));
    }

    [Fact]
    public void Many_files_are_staged_and_switched_like_few()
    {
        var files = Enumerable.Range(0, 200).Select(i => Folder.File($"d{i % 20}/f{i}", $"{i}")).ToArray();
        Assert.Equal(200, _root.Apply(Folder.Set(files)).Count(ChangeKind.Created));
        Assert.False(_root.Apply(Folder.Set(files)).Changed);
        Assert.False(Directory.Exists(_root[".sealock/stage"]));
    }
}
