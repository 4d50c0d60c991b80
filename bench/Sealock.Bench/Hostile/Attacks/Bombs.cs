// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Text;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>Requests that are as large as they may be, and ones that are larger.</summary>
internal sealed class Bombs(string name, string title, Strength strength, Func<Victim, IReadOnlyList<byte[]>> make)
    : Attack(name, title, "requests", strength)
{
    private IReadOnlyList<byte[]>? _requests;

    /// <summary>300 headers of together 60 KB, the same 16 times over, and one header of 1 MB.</summary>
    public static Bombs Headers(Strength strength) => new("headers", "header bombs", strength, victim =>
    {
        var allowed = Head(victim, "GET") + string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i:d3}: {new string('x', 190)}\r\n")) + "\r\n";
        var endless = Head(victim, "GET") + string.Concat(Enumerable.Range(0, 5000).Select(i => $"X-{i:d4}: {new string('x', 190)}\r\n"));
        var large = Head(victim, "GET") + "X: " + new string('x', 1 << 20);
        return [Bytes(allowed), Bytes(endless), Bytes(allowed), Bytes(large)];
    });

    /// <summary>
    /// JSON of just under 3 MB: as many members as may be, more than that, nothing but brackets that open; and chunks that do not end
    /// within 8 MB.
    /// </summary>
    public static Bombs Bodies(Strength strength) => new("bodies", "body bombs", strength, victim =>
    {
        const int size = 2_900_000;
        var (many, tooMany) = (Wide(49_000, size / 49_000), Wide(size / 18, 18));
        var deep = """{"apiVersion":"v1","kind":"ConfigMap","data":""" + new string('[', size);
        var chunk = "10000\r\n" + new string('x', 0x10000) + "\r\n";
        var endless = Head(victim, "POST") + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
            string.Concat(Enumerable.Repeat(chunk, 128));
        return [Bytes(Post(many)), Bytes(Post(tooMany)), Bytes(Post(deep)), Bytes(endless)];

        static string Wide(int members, int bytes) => """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{""" +
            string.Join(',', Enumerable.Range(0, members).Select(i => $"\"k{i:d7}\":\"{new string('v', bytes - 14)}\"")) + "}}";

        string Post(string body) => $"{Head(victim, "POST")}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
    });

    protected override async Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken)
    {
        var requests = _requests ??= make(victim);
        await using var stream = await victim.ConnectTlsAsync(SslApplicationProtocol.Http11, cancellationToken);
        tally.Connected();
        var buffer = new byte[16 * 1024];
        for (var next = number; ; next++)
        {
            await pacer.WaitAsync(1, cancellationToken);
            tally.Did(1);
            // Servers answer before they have read everything, and who does not read the answer may be reset.
            var sending = stream.WriteAsync(requests[next % requests.Count], cancellationToken).AsTask();
            if (await stream.ReadAsync(buffer, cancellationToken) == 0)
                return;
            await sending;
        }
    }

    private static string Head(Victim victim, string method) =>
        $"{method} {victim.Path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {victim.Token}\r\n";

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
