// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>
/// A server that gives the same answer to everyone who asks anything: as many bytes as Sealock's to a small GET. It asks for
/// a client certificate as Sealock does, and verifies it.
/// </summary>
internal abstract class AnsweringTarget(string name, string folder, int port) : Target(name, folder, port)
{
    /// <summary>A ConfigMap of the size that is measured.</summary>
    protected const string Answer = """
        {"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"175","creationTimestamp":"2026-03-01T12:00:00Z","labels":{"app":"bench","tier":"small"},"name":"c-3","namespace":"bench-small","uid":"a0b94eff-7a4c-45bb-abc1-adda77d1795e"},"data":{"address":"https://service.example.com:8443/path","colour":"blue","retries":"5"}}
        """;

    /// <summary>The headers that Sealock answers with, beside type, length and date.</summary>
    protected static readonly IReadOnlyList<(string Name, string Value)> Headers =
    [
        ("Cache-Control", "no-cache, private"), ("Strict-Transport-Security", "max-age=31536000"), ("X-Content-Type-Options", "nosniff"),
        ("Audit-Id", "db4cb2cb-5926-46a1-9ba4-704c75547e47"),
    ];

    private Daemon? _daemon;

    public override IReadOnlyDictionary<string, int> Processes => _daemon is { } running
        ? running.Children.Select((id, number) => ($"worker {number + 1}", id)).Prepend((Name, running.Id)).ToDictionary()
        : [];

    protected override string CaFile => Path.Combine(Folder, "ca.crt");

    public override Task FurnishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync()
    {
        if (_daemon is { } running)
            await running.DisposeAsync();
        _daemon = null;
    }

    protected override Task LaunchAsync(CancellationToken cancellationToken)
    {
        var authority = new Authority("bench");
        authority.Write(Folder, "ca");
        authority.Issue(Folder, "server", "localhost");
        UserCertificate = authority.IssueToUser("bench-cert", UserGroup);
        File.WriteAllText(Path.Combine(Folder, "answer.json"), Answer);
        _daemon = Launch(Path.Combine(LogFolder, $"{Name}.log"));
        return Task.CompletedTask;
    }

    /// <summary>Starts the program. In its folder are ca.crt, server.crt, server.key and answer.json.</summary>
    protected abstract Daemon Launch(string log);
}
