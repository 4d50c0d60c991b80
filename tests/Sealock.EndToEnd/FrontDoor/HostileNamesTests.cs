// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>
/// A server that has not been set up makes certificates for names that strangers choose; one that has does not. Neither may cost
/// anything that lasts.
/// </summary>
public sealed class HostileNamesTests
{
    /// <summary>How many before set-up, and as many after; eng/long/hostile-names.sh sends 10,000.</summary>
    private static readonly int Names = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_HOSTILE_NAMES") ?? "2000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Thousands_of_random_names_leave_memory_as_it_was()
    {
        await using var server = await FrontDoorServer.UpAsync();
        await ConnectAsync(server, 2000);
        var before = ResidentKilobytes(server);
        Assert.True(await ConnectAsync(server, Names) > 1, "every name was shown the same certificate");
        await server.SetUpAsync("k8s.example.com");
        Assert.Equal(1, await ConnectAsync(server, Names));
        var grown = ResidentKilobytes(server) - before;
        Assert.True(grown < 24 * 1024, $"{grown} KB more after {2 * Names} names more, {before} KB before");
        var files = Directory.EnumerateFiles(server["data/pki"]).Select(Path.GetFileName).Order();
        Assert.Equal(["apiserver.crt", "apiserver.key", "ca.crt", "ca.key", "sa.key", "sa.pub"], files);
        Assert.Equal("200", (await server.ShellAsync("ask k8s.example.com /setup -o /dev/null -w '%{http_code}'")).Succeeded());
        Assert.DoesNotContain("stranger", (await server.ShellAsync("san stranger.example")).Succeeded(), StringComparison.Ordinal);
    }

    private static long ResidentKilobytes(FrontDoorServer server) => long.Parse(
        File.ReadLines($"/proc/{server.Process.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    /// <summary>Comes with so many names, another one in the handshake than in the request; answers how many certificates were shown.</summary>
    private static async Task<int> ConnectAsync(FrontDoorServer server, int count)
    {
        var shown = new ConcurrentDictionary<string, bool>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
            {
                using var tcp = new TcpClient();
                await tcp.ConnectAsync(IPAddress.Loopback, server.Process.Port, cancellationToken);
                await using var tls = new SslStream(tcp.GetStream());
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = RandomName(),
                        EnabledSslProtocols = SslProtocols.Tls13,
                        AllowTlsResume = false,
                        RemoteCertificateValidationCallback = (_, certificate, _, _) => shown.TryAdd(certificate!.GetCertHashString(), true) || true,
                    },
                    cancellationToken);
                await tls.WriteAsync(
                    Encoding.ASCII.GetBytes($"GET /setup HTTP/1.1\r\nHost: {RandomName()}\r\nConnection: close\r\n\r\n"), cancellationToken);
                using var answer = new MemoryStream();
                await tls.CopyToAsync(answer, cancellationToken);
                Assert.StartsWith("HTTP/1.1 200 ", Encoding.ASCII.GetString(answer.GetBuffer(), 0, (int)answer.Length), StringComparison.Ordinal);
            });
        return shown.Count;
    }

    private static string RandomName() => $"{Guid.NewGuid():n}.{Random.Shared.Next():x}.example";
}
