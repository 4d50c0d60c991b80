// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>Everything that is measured, in the order of the report.</summary>
internal static class AllScenarios
{
    private const string Small = "/api/v1/namespaces/bench-small/configmaps";
    private const string Large = "/api/v1/namespaces/bench-large/configmaps";
    private static readonly Aim EightTimes = Aim.Times(8);

    private static readonly Aim LikeBare = new(Ratios: new RatioAim("bare", AtLeast: 0.95));
    private static readonly Aim Answering = new(Ratios: [new RatioAim("kubernetes", AtLeast: 8), new RatioAim("bare", AtLeast: 0.7)]);

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
        new CreateScenario("create", "CREATE; etcd without fsync", Aim.Times(6)),
        new CreateScenario("create-fsync", "CREATE; etcd with fsync", null) { EtcdSyncs = true },
        new WatchScenario(),
        new SigningScenario(),
        new IssuanceScenario(),
        new AcmeScenario(),
        new HandshakeScenario("front-full", "full handshakes", HandshakeKind.Full, LikeBare),
        new HandshakeScenario("front-resumed", "resumed handshakes", HandshakeKind.Resumed),
        new HandshakeScenario("front-certificate", "handshakes with client certificate", HandshakeKind.Certificate),
        new HandshakeScenario("front-first", "the same and a first GET", HandshakeKind.CertificateAndRequest),
        new GetScenario("front-get-certificate", "GET, client certificate, audited", Field.FrontDoors, Credentials.Certificate, Answering),
        new GetScenario("front-get", "GET, token, audited", Field.FrontDoors, Credentials.Token, Answering),
        new GetScenario("front-costs", "GET, token", Field.Costs, Credentials.Token),
        new IdleScenario(),
    ];
}
