// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Creating;

namespace Sealock.Tests.Cluster.Creating;

public sealed class InterruptedCreationTests
{
    [Fact]
    public void Killed_before_any_change_the_next_run_completes_the_set()
    {
        var changes = CountChanges();
        // The order of parallel work differs from run to run: every number hits some change, and all are hit over time.
        foreach (var at in Enumerable.Range(0, changes).Where(at => at < 12 || at % 9 == 0))
        {
            using var set = NewSet();
            var left = at;
            Assert.ThrowsAny<Exception>(() => set.Run(new()
            {
                Before = _ =>
                {
                    if (Interlocked.Decrement(ref left) < 0)
                        throw new KilledException();
                },
            }));
            var report = set.Run();
            Assert.Equal(0, report.Count(CreationVerdict.Report));
            SetCreatorTests.AssertWhole(set);
            Assert.DoesNotContain(set.Contents().Keys, path => path.EndsWith(".new", StringComparison.Ordinal));
            Assert.Equal(0, set.Run().FilesWritten);
        }
    }

    /// <summary>One node without etcd, with an intermediate CA: every kind of file, and not many of them.</summary>
    private static TemporarySet NewSet() => new(TemporarySet.Small with
    {
        Nodes = [TemporarySet.Small.Nodes[0]],
        ExternalEtcd = ["https://etcd.example.com:2379"],
        IntermediateAuthority = true,
    });

    private static int CountChanges()
    {
        var changes = 0;
        using var set = NewSet();
        set.Run(new() { Before = _ => Interlocked.Increment(ref changes) });
        return changes;
    }

    private sealed class KilledException : Exception;
}
