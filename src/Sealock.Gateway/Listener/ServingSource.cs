// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Files;
using Sealock.Gateway.Metrics;
using Sealock.Pki;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Holds the current <see cref="ServingSnapshot"/> and replaces it when the files change, or when another certificate is
/// handed over. What does not parse, does not fit together (a renewal half written) or must not be served leaves the
/// current one in place, and is tried again.
/// </summary>
internal sealed partial class ServingSource : IDisposable
{
    private readonly ServingFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly WatchedFiles _watch;
    private readonly ITimer _retry;
    private readonly ReloadCount _reloads;
    private readonly Lock _replacing = new();
    private HandedCertificate? _wanted;
    private HandedCertificate? _served;
    private string? _refusal;
    private volatile ServingSnapshot _current;
    private volatile OnTheFly? _onTheFly;
    private long _replaced;
    private long _refused;

    /// <summary>
    /// Loads the files and begins to watch them; throws what <see cref="ServingSnapshot.Load"/> throws. What must not take
    /// the place of another is served nevertheless, as there is no other yet.
    /// </summary>
    public ServingSource(ServingFiles files, TimeProvider clock, TimeSpan interval, ILogger log, ReloadCount? reloads = null)
    {
        _reloads = reloads ?? new ReloadCount(clock);
        _files = files;
        _clock = clock;
        _log = log;
        // Made before loading and started afterwards, so that no change between the two is missed or undone.
        _watch = new WatchedFiles(files.All, clock, interval, FilesChanged);
        _retry = clock.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _current = ServingSnapshot.Load(files);
        if (ServingRules.Refuse(_current, null, [], clock.GetUtcNow()) is { } fault)
            LogFaulty(fault);
        _watch.Start();
        _retry.Change(interval, interval);
    }

    /// <summary>The snapshot to decide by; read it once per decision.</summary>
    public ServingSnapshot Current => _current;

    /// <summary>Names that clients use: the certificate that is served for each must have it.</summary>
    public ImmutableArray<string> Names { get; set; } = [];

    /// <summary>How often certificates were replaced.</summary>
    public long Replacements => Interlocked.Read(ref _replaced);

    /// <summary>How often certificates were refused.</summary>
    public long Refusals => Interlocked.Read(ref _refused);

    /// <summary>Why what stands in the files, or was handed over last, is not served; null where it is.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Certificates made on the fly; null where none are made.</summary>
    public OnTheFly? OnTheFly => _onTheFly;

    /// <summary>Called after the snapshot was replaced.</summary>
    public event Action? Replaced;

    /// <summary>Called after certificates were refused for another reason than before.</summary>
    public event Action? Refused;

    /// <summary>What is wrong with what is served now; null: nothing. It may have expired, or been there at the start.</summary>
    public string? Fault => ServingRules.Refuse(_current, null, Names, _clock.GetUtcNow());

    /// <summary>The certificate for a handshake.</summary>
    /// <param name="serverName">The name asked for; empty where there is none.</param>
    /// <param name="local">Where the client connected to.</param>
    public ServingCertificate CertificateFor(string serverName, EndPoint? local)
    {
        var snapshot = _current;
        var address = local is IPEndPoint { Address: var ip } ? ConnectionOrigin.Normal(ip).ToString() : "";
        if (snapshot.Find(serverName, address) is { } named)
            return named;
        return _onTheFly is { } onTheFly && OnTheFly.NameFor(serverName.TrimEnd('.'), address) is { } name
            && (snapshot.Find(name, name) ?? onTheFly.For(name, snapshot.ClientCas)) is { } made
            ? made
            : snapshot.Default;
    }

    /// <summary>Makes certificates on the fly for names that no other has; null ends that.</summary>
    public void ServeAnyName(ServingCertificateMaker? make)
    {
        if (make is null)
            _onTheFly = null;
        else
            _onTheFly ??= new OnTheFly(make, _clock, _log);
    }

    /// <summary>
    /// Serves another certificate by default than that in the files; null returns to the files. Answers why that is not
    /// done, or null.
    /// </summary>
    public string? Serve(HandedCertificate? handed)
    {
        _wanted = handed;
        return Replace(handed);
    }

    /// <summary>All that is served and trusted, for metrics.</summary>
    public IEnumerable<MeasuredCertificate> Measured(ServingFiles files)
    {
        var snapshot = _current;
        foreach (var served in snapshot.Certificates)
        {
            foreach (var certificate in served.Chain)
                yield return new MeasuredCertificate(certificate, "serving", snapshot.Places.GetValueOrDefault(served) ?? []);
        }

        foreach (var certificate in snapshot.ClientCas?.Certificates ?? [])
            yield return new MeasuredCertificate(certificate, "client_ca", files.ClientCaFile is { } bundle ? MeasuredCertificate.InFile(bundle) : []);
        foreach (var certificate in snapshot.ServingCas)
            yield return new MeasuredCertificate(certificate, "serving_ca", files.ServingCaFile is { } file ? MeasuredCertificate.InFile(file) : []);
    }

    /// <summary>Looks at the files now.</summary>
    public void Check() => _watch.Check();

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _retry.Dispose();
    }

    /// <summary>What is valid only from a time on is served from that time on.</summary>
    private void Retry()
    {
        if (Refusal is not null)
            Replace(_wanted);
    }

    private void FilesChanged()
    {
        // What was handed over and refused must not keep the files from being read.
        if (Replace(_wanted) is not null && !ReferenceEquals(_wanted, _served))
            Replace(_served);
    }

    private string? Replace(HandedCertificate? handed)
    {
        bool taken;
        string? refusal;
        var told = false;
        lock (_replacing)
        {
            (var next, refusal) = Load(handed);
            taken = next is not null;
            if (next is null)
            {
                told = refusal != _refusal;
                if (told)
                {
                    Interlocked.Increment(ref _refused);
                    _reloads.Note(taken: false);
                    LogKept(refusal ?? "");
                }

                Volatile.Write(ref _refusal, refusal);
            }
            else
            {
                Take(next, handed);
            }
        }

        if (!taken)
        {
            if (told)
                Refused?.Invoke();
            return refusal;
        }

        LogReplaced(_current.Default.Certificate.Subject.ToString(), _current.Default.Certificate.NotAfter);
        Replaced?.Invoke();
        return null;
    }

    private void Take(ServingSnapshot next, HandedCertificate? handed)
    {
        if (ReferenceEquals(handed, _wanted))
            Volatile.Write(ref _refusal, null);
        _served = handed;
        _current = next;
        // They name the CAs of client certificates, which may be others now.
        _onTheFly?.Clear();
        Interlocked.Increment(ref _replaced);
        _reloads.Note(taken: true);
    }

    private (ServingSnapshot? Snapshot, string? Refusal) Load(HandedCertificate? handed)
    {
        try
        {
            var next = ServingSnapshot.Load(_files, handed);
            return ServingRules.Refuse(next, _current, Names, _clock.GetUtcNow()) is { } refusal ? (null, refusal) : (next, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            return (null, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Error, "The serving certificates stay those already loaded, since others cannot be served: {Why}")]
    private partial void LogKept(string why);

    [LoggerMessage(LogLevel.Error, "The serving certificate is served although something is wrong with it: {Why}")]
    private partial void LogFaulty(string why);

    [LoggerMessage(LogLevel.Information, "Serving certificates replaced: {Subject}, valid until {NotAfter:u}")]
    private partial void LogReplaced(string subject, DateTimeOffset notAfter);
}
