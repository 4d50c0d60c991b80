// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Staging;

/// <summary>Stops an apply before each of its effects in turn, by "crash" and by fault, and looks at what is left.</summary>
public sealed class InterruptionTests
{
    private static readonly ChangeSet Old = Folder.Set(
        Folder.File("pki/a", "old a"), Folder.File("pki/b", "old b", AtomicFile.Public), Folder.File("pki/gone", "old"),
        Folder.File("same", "same"));

    private static readonly ChangeSet New = new()
    {
        Files =
        [
            Folder.File("pki/a", "new a"), Folder.File("pki/b", "old b"), Folder.File("more/deep/c", "new c"),
            Folder.File("same", "same"), Folder.File("link", "file"),
        ],
        Deleted = ["pki/gone"],
        Folders = [new WantedFolder { Path = "pki", Mode = AtomicFile.PrivateFolder | UnixFileMode.GroupExecute }],
    };

    [Fact]
    public void After_a_crash_before_any_effect_the_next_run_finds_a_whole_set_and_completes()
    {
        var steps = CountSteps();
        Assert.InRange(steps, 20, 100);
        for (var stop = 0; stop < steps; stop++)
        {
            using var root = Start(out var before, out var after);
            Crash(root, stop);
            AssertRecovered(root, before, after);
        }
    }

    [Fact]
    public void After_a_crash_during_the_recovery_from_a_crash_it_is_the_same()
    {
        var steps = CountSteps();
        for (var first = 0; first < steps; first++)
        {
            for (var second = first % 4; second < 12; second += 4)
            {
                using var root = Start(out var before, out var after);
                Crash(root, first);
                Crash(root, second);
                AssertRecovered(root, before, after);
            }
        }
    }

    [Fact]
    public void A_fault_before_any_effect_leaves_everything_as_it_was()
    {
        var steps = CountSteps();
        for (var stop = 0; stop < steps; stop++)
        {
            using var root = Start(out var before, out var after);
            var failing = FailAt(stop, out var hit);
            try
            {
                root.Apply(New, failing);
            }
            catch (StagingException)
            {
                Assert.Equal(before, root.Text());
                Assert.False(File.Exists(root[".sealock/journal.json"]));
                Assert.False(Directory.Exists(root[".sealock/stage"]));
                AssertRollsBackToTheBeginning(root);
                continue;
            }
            catch (IOException)
            {
                // Only the commit or the clean-up is left: the next run does it.
                Assert.True(hit() is StagingEffect.Commit or StagingEffect.Clean, $"{hit()}");
            }

            AssertRecovered(root, before, after);
        }
    }

    [Fact]
    public void After_a_crash_while_a_fault_is_being_undone_the_next_run_goes_on()
    {
        for (var stop = 0; stop < 40; stop++)
        {
            using var root = Start(out var before, out var after);
            var count = 0;
            var failed = false;
            var options = new StagingOptions
            {
                Before = step =>
                {
                    if (!failed && step is { Effect: StagingEffect.Switch, Path: "link" })
                    {
                        failed = true;
                        throw new IOException("fault");
                    }

                    if (failed && count++ == stop)
                        throw new CrashException();
                },
            };
            try
            {
                root.Apply(New, options);
            }
            catch (Exception fault) when (fault is CrashException or StagingException)
            {
            }

            AssertRecovered(root, before, after);
        }
    }

    [Fact]
    public void A_crash_before_any_effect_of_a_rollback_leaves_a_whole_set_too()
    {
        for (var stop = 0; stop < 40; stop++)
        {
            using var root = Start(out var before, out var after);
            root.Apply(New);
            try
            {
                using var area = StagingArea.Open(root.Path, CrashAt(stop));
                area.Rollback();
            }
            catch (CrashException)
            {
            }

            using (StagingArea.Open(root.Path))
                Assert.Contains(root.Text(), new[] { before, after });
        }
    }

    [Fact]
    public void What_somebody_else_changed_between_crash_and_recovery_is_not_mistaken_for_ours()
    {
        using var root = Start(out var before, out _);
        var crashed = false;
        try
        {
            root.Apply(New, new StagingOptions
            {
                Before = step =>
                {
                    if (step is { Effect: StagingEffect.Switch, Path: "link" })
                        throw new CrashException();
                },
            });
        }
        catch (CrashException)
        {
            crashed = true;
        }

        Assert.True(crashed);
        File.WriteAllText(root["pki/a"], "somebody else's");
        using var area = StagingArea.Open(root.Path);
        Assert.Equal(StagingRecovery.Undone, area.Recovery);
        Assert.Equal(before, root.Text());
    }

    private static void AssertRecovered(Folder root, string before, string after)
    {
        using (var area = StagingArea.Open(root.Path))
        {
            Assert.Contains(root.Text(), new[] { before, after });
            area.Apply(New);
            Assert.Equal(after, root.Text());
            Assert.Equal(0, area.Apply(New).Count(ChangeKind.Replaced));
            Assert.Equal(
                [".sealock/former.json", ".sealock/lock"],
                Directory.GetFiles(root[".sealock"]).Select(file => Path.GetRelativePath(root.Path, file)).Order());
            area.Rollback();
            Assert.Equal(before, root.Text());
        }
    }

    private static void AssertRollsBackToTheBeginning(Folder root)
    {
        using var area = StagingArea.Open(root.Path);
        area.Rollback();
        Assert.Equal("link -> nowhere", root.Text());
    }

    private static Folder Start(out string before, out string after)
    {
        var root = new Folder();
        File.CreateSymbolicLink(root["link"], "nowhere");
        root.Apply(Old);
        before = root.Text();
        after = "link 600 file\nmore/ 700\nmore/deep/ 700\nmore/deep/c 600 new c\npki/ 710\npki/a 600 new a\npki/b 600 old b\nsame 600 same";
        return root;
    }

    private static int CountSteps()
    {
        using var root = Start(out _, out _);
        var steps = 0;
        root.Apply(New, new StagingOptions { Before = _ => steps++ });
        return steps;
    }

    private static void Crash(Folder root, int stop)
    {
        try
        {
            root.Apply(New, CrashAt(stop));
        }
        catch (CrashException)
        {
        }
    }

    private static StagingOptions CrashAt(int stop)
    {
        var count = 0;
        return new StagingOptions
        {
            Before = _ =>
            {
                if (count++ == stop)
                    throw new CrashException();
            },
        };
    }

    private static StagingOptions FailAt(int stop, out Func<StagingEffect> hit)
    {
        var count = 0;
        var effect = StagingEffect.Stage;
        hit = () => effect;
        return new StagingOptions
        {
            Before = step =>
            {
                if (count++ == stop)
                {
                    effect = step.Effect;
                    throw new IOException("the disk is full");
                }
            },
        };
    }

    private sealed class CrashException : Exception;
}
