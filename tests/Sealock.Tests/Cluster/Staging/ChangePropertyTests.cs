// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Staging;

/// <summary>Properties of any sequence of change sets.</summary>
public sealed class ChangePropertyTests
{
    private static readonly Gen<ChangeSet> Sets =
        from fates in Gen.ArrayOf(Gen.Choose(0, 5), 8)
        select new ChangeSet
        {
            Files = [.. fates.Select((fate, i) => (fate, i)).Where(pair => pair.fate < 4).Select(pair => Folder.File(
                Name(pair.i), $"{pair.fate / 2}", pair.fate % 2 == 0 ? AtomicFile.Secret : AtomicFile.Public))],
            Deleted = [.. fates.Select((fate, i) => (fate, i)).Where(pair => pair.fate == 4).Select(pair => Name(pair.i))],
        };

    [Fact]
    public void What_was_applied_is_there_changes_nothing_again_and_can_be_taken_back()
    {
        Prop.ForAll(Gen.ArrayOf(Sets, 4).ToArbitrary(), sets =>
        {
            using var root = new Folder();
            using var area = StagingArea.Open(root.Path);
            foreach (var set in sets)
            {
                var before = root.Text();
                var planned = area.Compare(set);
                var outcome = area.Apply(set);
                Assert.Equal(planned, outcome.Changes);
                Assert.All(set.Files, file => Assert.Equal(file.Content.ToArray(), File.ReadAllBytes(root[file.Path])));
                Assert.All(set.Files, file => Assert.Equal(file.Mode, File.GetUnixFileMode(root[file.Path])));
                Assert.All(set.Deleted, path => Assert.False(File.Exists(root[path])));
                Assert.False(area.Apply(set).Changed);
                if (!outcome.Changed)
                    continue;
                var after = root.Text();
                area.Rollback();
                Assert.Equal(before, root.Text());
                area.Rollback();
                Assert.Equal(after, root.Text());
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static string Name(int i) => $"{(i % 3 == 0 ? "" : $"folder{i % 2}/")}{(i > 5 ? "inner/" : "")}file{i}";
}
