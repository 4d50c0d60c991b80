// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.EndToEnd.Differential;

/// <summary>The same requests to a real kube-apiserver and to Sealock: the answers differ only where docs/differences.md says so.</summary>
[Collection(BothServersCollection.Name)]
public sealed class SameAnswersTests(BothServers servers)
{
    private static readonly string Cases = Path.Combine(Repository.Root, "tests", "Sealock.EndToEnd", "Differential", "Cases");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Cases, "*.http").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [PeerTheory("kubernetes")]
    [MemberData(nameof(Files))]
    public async Task Answers_are_the_same_but_for_the_listed_differences(string file)
    {
        var known = KnownDifference.Read(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "differences.md")));
        var used = new HashSet<KnownDifference>();
        var unexplained = new StringBuilder();
        foreach (var server in new[] { servers.Kubernetes, servers.Sealock })
        {
            server.Save("ns", $"diff-{file}");
            server.Save("csr", await SampleRequests.ClientAsync());
            server.Save("csr-kubelet", await SampleRequests.KubeletAsync());
            server.Save("csr-masters", await SampleRequests.MastersAsync());
            await server.SendAsync(new Exchange("namespace", "POST", "/api/v1/namespaces", [], $$$"""{"metadata":{"name":"diff-{{{file}}}"}}"""));
            await server.SendAsync(new Exchange("account", "GET", "/api/v1/namespaces/{ns}/serviceaccounts/default",
                [KeyValuePair.Create("Until", "/metadata/uid")], ""));
        }

        foreach (var exchange in Exchange.Read(await File.ReadAllTextAsync(Path.Combine(Cases, file + ".http"))))
        {
            var kubernetes = servers.Kubernetes.SendAsync(exchange);
            var actual = await servers.Sealock.SendAsync(exchange);
            var expected = await kubernetes;
            foreach (var difference in Answer.Differences(expected, actual))
            {
                var explanation = known.FirstOrDefault(entry => entry.Covers(file, exchange.Name, difference));
                if (explanation is null)
                    unexplained.AppendLine($"{exchange.Name}: {difference}");
                else
                    used.Add(explanation);
            }
        }

        foreach (var entry in known.Where(entry => entry.File == file && !used.Contains(entry)))
            unexplained.AppendLine($"{entry.Case}: listed in docs/differences.md ({entry.Where}), but there is no difference any more");
        Assert.True(unexplained.Length == 0, "kube-apiserver | Sealock\n" + unexplained);
    }
}
