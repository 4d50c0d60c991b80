// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>
/// Certificates of a CA issuer, declared through the API and issued by the server's own loops: how many a second, what each costs in
/// memory, and how long it takes when all of many are due for renewal at once.
/// </summary>
internal sealed class IssuanceScenario() : Scenario("issuance")
{
    private const int Measured = 2_000;
    private const int MeasuredRsa = 60;
    private const int Due = 10_000;
    private const int Filled = 20_000;
    private const string Namespace = "bench-issuance";
    private const string Collection = $"/apis/cert-manager.io/v1/namespaces/{Namespace}/certificates";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly Metric Rate = new("Certificates issued, CA issuer, P-256 keys", "/s", new Aim(AtLeast: 500));
    private static readonly Metric RsaRate = new("Certificates issued, CA issuer, RSA-2048 keys", "/s");
    private static readonly Metric Renewals = new("10,000 renewals due at once", "s", new Aim(AtMost: 60));
    private static readonly Metric ControllerMemory = new("memory for each of 20,000 Certificates, sealock controller", "KB", new Aim(AtMost: 10));
    private static readonly Metric Memory = new("memory for each of 20,000 Certificates, server with store and loops", "KB");

    public override bool NeedsFreshServers => true;

    public override Field Field => Field.Alone;

    public override int MostRounds => 1;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await target.StartAsync(cancellationToken);
        await Furnishing.FurnishAsync(target, cancellationToken);
        await FurnishIssuerAsync(target, cancellationToken);
        await IssueAsync(target, "warm", 200, "720h", "240h", "ECDSA", cancellationToken);

        var before = target.Usage();
        var seconds = await IssueAsync(target, "rate", Measured, "720h", "240h", "ECDSA", cancellationToken);
        var rate = new Reading(Rate, Measured / seconds, Measured / (target.Usage().CpuSeconds - before.CpuSeconds));
        before = target.Usage();
        seconds = await IssueAsync(target, "rsa", MeasuredRsa, "720h", "240h", "RSA", cancellationToken);
        var rsa = new Reading(RsaRate, MeasuredRsa / seconds, MeasuredRsa / (target.Usage().CpuSeconds - before.CpuSeconds));
        return [rate, rsa, await RenewAsync(target, cancellationToken), .. await FillAsync((SealockTarget)target, pace, cancellationToken)];
    }

    /// <summary>The server is stopped before the first is due and started when all are.</summary>
    private static async Task<Reading> RenewAsync(Target target, CancellationToken cancellationToken)
    {
        // Counted from the backdated start: issued now, due in four minutes, valid for five more.
        var begin = Stopwatch.GetTimestamp();
        await IssueAsync(target, "due", Due, "9m", "5m", "ECDSA", cancellationToken);
        var issued = Stopwatch.GetElapsedTime(begin);
        if (issued > TimeSpan.FromMinutes(4))
            throw new InvalidOperationException($"{Due} Certificates took {issued}: the first were due before the last were issued");
        await target.StopAsync();
        await Task.Delay(issued + TimeSpan.FromMinutes(4), cancellationToken);
        await target.StartAsync(cancellationToken);
        var renewing = Stopwatch.GetTimestamp();
        await WaitAsync(target, "due", Due, revision: 2, cancellationToken);
        return new Reading(Renewals, Stopwatch.GetElapsedTime(renewing).TotalSeconds);
    }

    /// <summary>
    /// What a Certificate with its Secret and its request costs: the loops alone, in a process of their own, and the server, which keeps
    /// the objects themselves for everyone who reads and watches them and runs the same loops.
    /// </summary>
    private static async Task<IReadOnlyList<Reading>> FillAsync(SealockTarget target, Pace pace, CancellationToken cancellationToken)
    {
        await target.StopAsync();
        await target.StartAsync(cancellationToken);
        await Task.Delay(pace.Settle, cancellationToken);
        var before = target.Usage().ResidentBytes;
        var controllerBefore = await target.ControllerMemoryAsync(pace.Settle, cancellationToken);
        await IssueAsync(target, "fill", Filled, "720h", "240h", "ECDSA", cancellationToken);
        var working = target.Usage().ResidentBytes;
        await target.StopAsync();
        await target.StartAsync(cancellationToken);
        await Task.Delay(pace.Settle, cancellationToken);
        var after = target.Usage().ResidentBytes;
        var controllerAfter = await target.ControllerMemoryAsync(pace.Settle, cancellationToken);
        var sizes = await SizesAsync(target, cancellationToken);
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"{before / 1e6:0} MB before, {working / 1e6:0} MB while issuing, {after / 1e6:0} MB after a restart; as JSON {sizes}");
        var controllerNote = string.Create(CultureInfo.InvariantCulture, $"{controllerBefore / 1e6:0} MB before, {controllerAfter / 1e6:0} MB after");
        return
        [
            new Reading(ControllerMemory, (controllerAfter - controllerBefore) / 1e3 / Filled, null, controllerNote),
            new Reading(Memory, (after - before) / 1e3 / Filled, null, note),
        ];
    }

    /// <summary>How large the objects of a Certificate are on the wire, which is how the server keeps them.</summary>
    private static async Task<string> SizesAsync(Target target, CancellationToken cancellationToken)
    {
        const int sample = 200;
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        var sizes = new List<string>();
        foreach (var (name, path) in (IReadOnlyList<(string, string)>)[
            ("Certificate", Collection), ("Secret", $"/api/v1/namespaces/{Namespace}/secrets"),
            ("CertificateRequest", $"/apis/cert-manager.io/v1/namespaces/{Namespace}/certificaterequests")])
        {
            var answer = (await connection.SendAsync(RequestText.Of("GET", $"{path}?limit={sample}", Target.AdminToken), cancellationToken)).Expect(path);
            sizes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {answer.Body.Length / 1e3 / sample:0.0} KB"));
        }

        return string.Join(", ", sizes);
    }

    /// <summary>Creates Certificates; answers the seconds from the first creation until the last is ready.</summary>
    private static async Task<double> IssueAsync(
        Target target, string prefix, int count, string duration, string renewBefore, string algorithm, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var waiting = WaitAsync(target, prefix, count, revision: 1, cancellationToken);
        await ObjectFilling.CreateAsync(target, Collection, count, Body, cancellationToken);
        await waiting;
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;

        string Body(int number) =>
            $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"{{{prefix}}}-{{{number}}}","labels":{"bench":"{{{prefix}}}"}},"spec":{"secretName":"{{{prefix}}}-{{{number}}}","duration":"{{{duration}}}","renewBefore":"{{{renewBefore}}}","dnsNames":["{{{prefix}}}-{{{number}}}.example.com"],"privateKey":{"algorithm":"{{{algorithm}}}"},"issuerRef":{"name":"bench-ca"} } }""";
    }

    private static Task WaitAsync(Target target, string prefix, int count, int revision, CancellationToken cancellationToken) =>
        WaitAsync(target, Collection, prefix, count, revision, cancellationToken);

    /// <summary>Waits until a watch has shown as many Certificates that are ready in a revision.</summary>
    internal static async Task WaitAsync(
        Target target, string collection, string prefix, int count, int revision, CancellationToken cancellationToken, TimeSpan? longest = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest ?? Longest);
        await using var connection = await target.ConnectAsync(withCertificate: false, limit.Token);
        var request = RequestText.Of("GET", $"{collection}?watch=1&labelSelector=bench%3D{prefix}", Target.UserToken);
        var (status, _) = await connection.BeginAsync(request, limit.Token);
        if (status != 200)
            throw new InvalidOperationException($"the watch was refused: {status}");
        var ready = new HashSet<string>(StringComparer.Ordinal);
        var lines = new LineBuffer();
        try
        {
            while (ready.Count < count)
            {
                lines.Add(await connection.ReadChunkAsync(limit.Token));
                while (lines.TryTake(out var line))
                {
                    if (ReadyName(line, prefix, revision) is { } name)
                        ready.Add(name);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"after {longest ?? Longest}, {ready.Count} of {count} Certificates are ready");
        }
    }

    private static string? ReadyName(ReadOnlySpan<byte> change, string prefix, int revision)
    {
        var state = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"revision\":{revision}"));
        if (change.IndexOf(state) < 0)
            return null;
        var start = Encoding.ASCII.GetBytes($"\"name\":\"{prefix}-");
        var at = change.IndexOf(start);
        if (at < 0)
            return null;
        var name = change[(at + 8)..];
        return Encoding.ASCII.GetString(name[..name.IndexOf((byte)'"')]);
    }

    private static async Task FurnishIssuerAsync(Target target, CancellationToken cancellationToken)
    {
        await Furnishing.CreateNamespaceAsync(target, Namespace, cancellationToken);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.Now;
        using var ca = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(10));
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        await PostAsync($"/api/v1/namespaces/{Namespace}/secrets",
            $$$"""{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/tls","metadata":{"name":"bench-ca"},"data":{"tls.crt":"{{{Base64(ca.ExportCertificatePem())}}}","tls.key":"{{{Base64(key.ExportPkcs8PrivateKeyPem())}}}"} }""");
        await PostAsync($"/apis/cert-manager.io/v1/namespaces/{Namespace}/issuers",
            """{"apiVersion":"cert-manager.io/v1","kind":"Issuer","metadata":{"name":"bench-ca"},"spec":{"ca":{"secretName":"bench-ca"}}}""");

        async Task PostAsync(string path, string body) =>
            (await connection.SendAsync(RequestText.Of("POST", path, Target.AdminToken, body), cancellationToken)).Expect("POST " + path);
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem + "\n"));
}
