// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Measuring;

namespace Sealock.Bench.Scenarios;

/// <summary>Everything that is measured, in the order of the report.</summary>
internal static class AllScenarios
{
    private const string Small = "/api/v1/namespaces/bench-small/configmaps";
    private const string Large = "/api/v1/namespaces/bench-large/configmaps";
    private static readonly Aim EightTimes = new(Times: 8);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new StartScenario(),
        new MemoryScenario(),
        new ReadScenario("get", "GET, token", Small + "/c-3", Credentials.Token, EightTimes),
        new ReadScenario("get-certificate", "GET, client certificate", Small + "/c-3", Credentials.Certificate, EightTimes),
        new ReadScenario("get-cached", "GET ?resourceVersion=0, token", Small + "/c-3?resourceVersion=0", Credentials.Token),
        new ReadScenario("list", "LIST of 10, token", Small, Credentials.Token, EightTimes),
        new ReadScenario("list-certificate", "LIST of 10, client certificate", Small, Credentials.Certificate, EightTimes),
        new ReadScenario("list-large", "LIST of 5,000, token", Large, Credentials.Token, EightTimes) { Connections = 4 },
        new ReadScenario("list-large-cached", "LIST of 5,000 ?resourceVersion=0", Large + "?resourceVersion=0", Credentials.Token)
        {
            Connections = 4,
        },
        new CreateScenario("create", "CREATE; etcd without fsync", new Aim(Times: 6)),
        new CreateScenario("create-fsync", "CREATE; etcd with fsync", null) { EtcdSyncs = true },
        new WatchScenario(),
        new SigningScenario(),
        new IssuanceScenario(),
        new AcmeScenario(),
    ];
}
