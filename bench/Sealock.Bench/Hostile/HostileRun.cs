// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Bench.Hostile.Attacks;
using Sealock.Bench.Http;
using Sealock.Bench.Scenarios;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Hostile;

/// <summary>
/// What users notice of an attack, on Sealock as it is by default, on nginx, and on Sealock behind nginx, in turns: each attacker
/// comes from an address of its own and is held to a rate.
/// </summary>
internal static class HostileRun
{
    private const string Space = "bench-small";
    private const string Collection = $"/api/v1/namespaces/{Space}/configmaps";
    private const string Cheap = "/livez";
    private static readonly IPAddress AttackersAddress = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <exception cref="InvalidOperationException">A server did not start, or does not answer what it should.</exception>
    public static async Task<IReadOnlyList<HostileRow>> RunAsync(
        IReadOnlyList<Attack> attacks, Pace pace, string program, string folder, TextWriter progress, CancellationToken cancellationToken)
    {
        if (!NginxServer.IsThere)
            throw new InvalidOperationException("nginx is not in PATH");
        await using var target = new SealockTarget(program, Path.Combine(folder, "hostile"), FreePorts.Take());
        await target.StartAsync(cancellationToken);
        await Furnishing.FurnishAsync(target, cancellationToken);
        await ObjectFilling.ConfigMapsAsync(target, Space, 10, cancellationToken);
        var pki = Path.Combine(target.Folder, "data", "pki");
        using var ca = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(pki, "ca.crt"));
        var answers = new Dictionary<string, byte[]>();
        await using (var connection = await target.ConnectAsync(withCertificate: false, cancellationToken))
        {
            foreach (var path in new[] { Cheap, Collection, Collection + "/c-3" })
                answers[path] = (await connection.SendAsync(Request(path), cancellationToken)).Expect(path).Body.ToArray();
        }

        var (port, frontPort) = (FreePorts.Take(), FreePorts.Take());
        await using var nginx = Nginx("nginx", port, answers);
        await using var front = Nginx("front", frontPort, new Dictionary<string, byte[]>());
        Side[] sides =
        [
            SideOf("sealock", target.Address, () => target.Processes.Values),
            SideOf("nginx", new IPEndPoint(IPAddress.Loopback, port), () => nginx.Processes),
            SideOf("nginx before it", new IPEndPoint(IPAddress.Loopback, frontPort), () => front.Processes.Concat(target.Processes.Values)),
        ];
        foreach (var side in sides)
        {
            var warm = await side.Users.AskAsync(WarmUp, cancellationToken);
            if (warm.Failures > 0)
                throw new InvalidOperationException($"{side.Name} does not answer its users: {warm.Failure} {nginx.Complaints}{front.Complaints}");
        }

        var rounds = attacks.ToDictionary(attack => attack, _ => sides.Select(_ => new List<Round>()).ToArray());
        // Each attack takes a while to begin and to end: one round of all is what quick has time for.
        var (times, window) = (pace == Pace.Quick ? 1 : pace.Rounds, 1.5 * pace.Window);
        for (var round = 0; round < times; round++)
        {
            foreach (var attack in attacks)
            {
                await progress.WriteLineAsync($"{attack.Name}, round {round + 1} of {times}");
                foreach (var (side, measured) in sides.Zip(rounds[attack]))
                    measured.Add(await side.MeasureAsync(attack, window, cancellationToken));
            }
        }

        return [.. attacks.Select(attack => new HostileRow(attack, new Rounds(rounds[attack][0]), new Rounds(rounds[attack][1]), new Rounds(rounds[attack][2])))];

        NginxServer Nginx(string name, int listen, IReadOnlyDictionary<string, byte[]> files) => NginxServer.Start(
            Path.Combine(folder, name), listen, Path.Combine(pki, "apiserver.crt"), Path.Combine(pki, "apiserver.key"),
            Path.Combine(pki, "ca.crt"), files, target.Address);

        Side SideOf(string name, IPEndPoint address, Func<IEnumerable<int>> processes) => new(
            name,
            new Users(token => HttpsConnection.ConnectAsync(address, ca, null, token), Request(Cheap), Request(Collection + "/c-3")),
            new Victim(address, AttackersAddress, Target.AttackerToken, Collection),
            processes);
    }

    private static byte[] Request(string path) => RequestText.Of("GET", path, Target.UserToken);
}
