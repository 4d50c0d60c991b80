// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealock.Cluster.Handshakes;
using Sealock.Gateway;
using Sealock.Gateway.Metrics;
using Sealock.Pki.Certificates;

namespace Sealock.Hosting.Telemetry;

/// <summary>
/// "Renewed" means "seen served": at the start, whenever other certificates take the place of those that are served, and from
/// time to time, the server makes a handshake with itself through its own port and compares what it is shown.
/// </summary>
internal sealed partial class ServingProof : IAsyncDisposable
{
    private const int Tries = 3;
    private const int MostNames = 64;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);

    private readonly GatewayServer _gateway;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;
    private readonly Task _run;
    private readonly long[] _counts = new long[Enum.GetValues<Proof>().Length];
    private IReadOnlyDictionary<ProofQuestion, ProofResult> _results = new Dictionary<ProofQuestion, ProofResult>();
    private long _lastProved;

    /// <summary>Called after everything was looked at; must not block.</summary>
    public event Action? Looked;

    /// <summary>What was found last; empty before the first time.</summary>
    public IReadOnlyDictionary<ProofQuestion, ProofResult> Results => Volatile.Read(ref _results);

    /// <summary>Begins; the gateway listens already.</summary>
    public ServingProof(GatewayServer gateway, TimeProvider clock, ILogger logger)
    {
        (_gateway, _clock, _logger) = (gateway, clock, logger);
        gateway.CertificatesReplaced += Look;
        _timer = clock.CreateTimer(_ => Look(), null, Every, Every);
        Look();
        _run = Task.Run(RunAsync);
    }

    /// <summary>Asks for a proof; one that is asked for while another is made comes after it.</summary>
    public void Look() => _asked.Writer.TryWrite(true);

    /// <summary>Writes what was found.</summary>
    public void Write(PrometheusText text)
    {
        const string proved = "sealock_serving_proved";
        text.Family(proved, "gauge", "1 where a handshake of the server with itself showed the certificate that is to be served, 0 where it showed another, -1 where there was no handshake.");
        foreach (var (question, result) in Results)
        {
            text.Sample(
                proved, result.Proof switch { Proof.Served => 1, Proof.Other => 0, _ => -1 },
                ("endpoint", question.Endpoint.ToString()), ("server_name", question.ServerName));
        }

        const string proofs = "sealock_serving_proofs_total";
        text.Family(proofs, "counter", "Handshakes of the server with itself, by what they showed.");
        text.Sample(proofs, Interlocked.Read(ref _counts[(int)Proof.Served]), ("result", "served"));
        text.Sample(proofs, Interlocked.Read(ref _counts[(int)Proof.Other]), ("result", "other"));
        text.Sample(proofs, Interlocked.Read(ref _counts[(int)Proof.Unknown]), ("result", "unknown"));
        text.Family("sealock_serving_proof_last_success_timestamp_seconds", "gauge", "When all was last found as it is to be, in Unix time; 0 where it never was.");
        text.Sample("sealock_serving_proof_last_success_timestamp_seconds", Interlocked.Read(ref _lastProved));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _gateway.CertificatesReplaced -= Look;
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    /// <summary>
    /// What a handshake proves. The certificate may have been replaced while it ran: what was to be served before it, or is to be
    /// after it, is right.
    /// </summary>
    internal static ProofResult Judge(EndpointAnswer answer, Certificate before, Certificate after)
    {
        if (answer.Leaf is not { } leaf)
            return new ProofResult(Proof.Unknown, after, answer.Failure ?? "no certificate was shown");
        return leaf.Sha256Hex == before.Sha256Hex || leaf.Sha256Hex == after.Sha256Hex
            ? new ProofResult(Proof.Served, leaf, "")
            : new ProofResult(Proof.Other, after, string.Create(CultureInfo.InvariantCulture, $"the one of {leaf.Subject}, valid until {leaf.NotAfter:u}, SHA-256 {leaf.Sha256Hex}"));
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var _ in _asked.Reader.ReadAllAsync(_stop.Token))
                await ProveAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async Task ProveAsync(CancellationToken cancellationToken)
    {
        var results = new Dictionary<ProofQuestion, ProofResult>();
        foreach (var question in Questions())
        {
            var result = await ProveAsync(question, cancellationToken);
            Tell(question, _results.GetValueOrDefault(question), result);
            results[question] = result;
        }

        Volatile.Write(ref _results, results);
        if (results.Values.All(result => result.Proof == Proof.Served))
            Interlocked.Exchange(ref _lastProved, _clock.GetUtcNow().ToUnixTimeSeconds());
        foreach (var result in results.Values)
            Interlocked.Increment(ref _counts[(int)result.Proof]);
        Looked?.Invoke();
    }

    private async Task<ProofResult> ProveAsync(ProofQuestion question, CancellationToken cancellationToken)
    {
        if (!_gateway.Traffic.Clients.Admits(question.Endpoint.Address))
        {
            return new ProofResult(
                Proof.Unknown, _gateway.CertificateFor(question.ServerName, question.Endpoint),
                $"{question.Endpoint.Address} may not come in; let it in with --allow-cidrs to have this proved");
        }

        for (var tries = 1; ; tries++)
        {
            var result = await AskAsync(question, cancellationToken);
            if (result.Proof == Proof.Served || tries == Tries)
                return result;
            await Task.Delay(TryAgainAfter, _clock, cancellationToken);
        }
    }

    /// <summary>
    /// Each address that the server listens on, without a name, with each that clients use, and with one of each further
    /// certificate.
    /// </summary>
    private IEnumerable<ProofQuestion> Questions() =>
        from endpoint in _gateway.Endpoints
        let reached = new IPEndPoint(Reached(endpoint.Address), endpoint.Port)
        from name in _gateway.Names.Where(one => !IPAddress.TryParse(one, out _)).Prepend("")
            .Concat(_gateway.NamesOfOtherCertificates.Take(MostNames)).Distinct()
        select new ProofQuestion(reached, name);

    private static IPAddress Reached(IPAddress address) =>
        address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;

    private async Task<ProofResult> AskAsync(ProofQuestion question, CancellationToken cancellationToken)
    {
        var before = _gateway.CertificateFor(question.ServerName, question.Endpoint);
        var answer = await EndpointProbe.FetchAsync(
            new EndpointQuestion
            {
                Host = question.Endpoint.Address.ToString(),
                Port = question.Endpoint.Port,
                ServerName = question.ServerName,
                AnswerWait = TimeSpan.Zero,
            },
            _clock, cancellationToken);
        return Judge(answer, before, _gateway.CertificateFor(question.ServerName, question.Endpoint));
    }

    /// <summary>What has changed since is told, what is as it was is not.</summary>
    private void Tell(ProofQuestion question, ProofResult? last, ProofResult now)
    {
        if (last is not null && last.Proof == now.Proof && last.Certificate.Sha256Hex == now.Certificate.Sha256Hex)
            return;
        var where = question.ToString();
        switch (now.Proof)
        {
            case Proof.Served:
                LogServed(where, now.Certificate.Subject, now.Certificate.NotAfter);
                break;
            case Proof.Other:
                LogOther(where, now.Certificate.Subject.ToString(), now.Certificate.Sha256Hex, now.Why);
                break;
            default:
                LogUnknown(where, now.Why);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Where} serves the certificate of {Subject}, valid until {NotAfter:u}: a handshake with itself showed it")]
    private partial void LogServed(string where, DistinguishedName subject, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Error, Message = "renewed but not served: {Where} is to serve the certificate of {Subject}, SHA-256 {Fingerprint}, and a handshake with itself showed {Other}. Restart the server, or look for another program on that port")]
    private partial void LogOther(string where, string subject, string fingerprint, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "which certificate {Where} serves could not be proved: {Why}")]
    private partial void LogUnknown(string where, string why);
}

/// <summary>What is asked: an address of the server, and a name or none.</summary>
internal sealed record ProofQuestion(IPEndPoint Endpoint, string ServerName)
{
    /// <inheritdoc/>
    public override string ToString() => ServerName.Length == 0 ? Endpoint.ToString() : $"{Endpoint} ({ServerName})";
}

/// <summary>What was found.</summary>
internal enum Proof
{
    /// <summary>There was no handshake.</summary>
    Unknown,

    /// <summary>The certificate that is to be served.</summary>
    Served,

    /// <summary>Another.</summary>
    Other,
}

/// <summary>What was found, for which certificate that is to be served, and why.</summary>
internal sealed record ProofResult(Proof Proof, Certificate Certificate, string Why);
