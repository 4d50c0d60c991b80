// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.EndToEnd.Differential;

namespace Sealock.EndToEnd.Audit;

/// <summary>
/// The same audit policy and the same requests on a real kube-apiserver and on Sealock: the events differ only where
/// docs/differences.md says so.
/// </summary>
public sealed class SameEventsTests
{
    private const string File = "audit";
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Sealock.EndToEnd", "Audit");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [PeerFact("kubernetes")]
    public async Task Events_are_the_same_but_for_the_listed_differences()
    {
        using var folder = new TemporaryFolder();
        string[] Flags(string log) => [$"--audit-policy-file={Path.Combine(Folder, "policy.yaml")}", $"--audit-log-path={folder[log]}"];
        await System.IO.File.WriteAllTextAsync(folder["tokens.csv"], $"{RealApiServer.Token},admin,admin,\"system:masters\"\n");
        await using var sealock = await SealockProcess.StartAsync(
        [
            "server", "--data", folder["data"], "--bind-address", "127.0.0.1", "--secure-port", "0",
            "--token-auth-file", folder["tokens.csv"], .. Flags("sealock.log"),
        ]);
        await using var kubernetes = await RealApiServer.StartAsync(Flags("kubernetes.log"));
        var cases = Exchange.Read(await System.IO.File.ReadAllTextAsync(Path.Combine(Folder, "requests.http"))).ToList();
        Assert.True(cases.Count >= 50);

        var theirs = await EventsAsync(kubernetes.Address, folder["kubernetes.log"], cases);
        var ours = await EventsAsync(new Uri(sealock.Url), folder["sealock.log"], cases);
        Assert.DoesNotContain("hunter2", await System.IO.File.ReadAllTextAsync(folder["sealock.log"]), StringComparison.Ordinal);
        Assert.DoesNotContain("aHVudGVyMg", await System.IO.File.ReadAllTextAsync(folder["sealock.log"]), StringComparison.Ordinal);

        var known = KnownDifference.Read(await System.IO.File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "differences.md")));
        var used = new HashSet<KnownDifference>();
        var unexplained = new StringBuilder();
        for (var i = 0; i < cases.Count; i++)
        {
            foreach (var difference in Answer.Differences(theirs[i], ours[i]))
            {
                if (known.FirstOrDefault(entry => entry.Covers(File, cases[i].Name, difference)) is { } explanation)
                    used.Add(explanation);
                else
                    unexplained.AppendLine($"{cases[i].Name}: {difference}");
            }
        }

        foreach (var entry in known.Where(entry => entry.File == File && !used.Contains(entry)))
            unexplained.AppendLine($"{entry.Case}: listed in docs/differences.md ({entry.Where}), but there is no difference any more");
        Assert.True(unexplained.Length == 0, "kube-apiserver | Sealock\n" + unexplained);
    }

    /// <summary>The events of each request by their stage, once all have come to their end.</summary>
    private static async Task<IReadOnlyList<Answer>> EventsAsync(Uri address, string log, List<Exchange> cases)
    {
        using var server = new ComparedServer(address, RealApiServer.Token);
        for (var i = 0; i < cases.Count; i++)
            await server.SendAsync(cases[i] with { Headers = [.. cases[i].Headers, KeyValuePair.Create("Audit-ID", IdOf(i))] });
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var events = Read(log);
            if (Enumerable.Range(0, cases.Count).All(i => HasEnded(events, IdOf(i))))
            {
                return
                [
                    .. Enumerable.Range(0, cases.Count).Select(i => new Answer(0, server.Show(new JsonObject(
                        events.Where(one => Text(one, "auditID") == IdOf(i))
                            .Select(one => KeyValuePair.Create(Text(one, "stage"), (JsonNode?)one.DeepClone())))))),
                ];
            }

            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"{log}: not all events came");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>A request ends with this event, unless it was refused at the door, or has no events at all.</summary>
    private static bool HasEnded(List<JsonNode> events, string id)
    {
        var own = events.Where(one => Text(one, "auditID") == id).ToList();
        return own.Count == 0 || own.Exists(one => Text(one, "stage") is "ResponseComplete" || one["responseStatus"]?["code"]?.GetValue<int>() == 401);
    }

    private static List<JsonNode> Read(string log) =>
        System.IO.File.Exists(log)
            ? [.. System.IO.File.ReadAllText(log).Split('\n').SkipLast(1).Select(line => JsonNode.Parse(line)!)]
            : [];

    private static string IdOf(int i) => $"case-{i}";

    private static string Text(JsonNode node, string field) => node[field]?.GetValue<string>() ?? "";
}
