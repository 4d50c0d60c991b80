// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Files;
using Sealock.Gateway.Metrics;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;
using Sealock.Pki.Revocation;

namespace Sealock.Gateway.RevocationLists;

/// <summary>
/// CRLs of the CAs of clients, from a file (<c>--client-crl-file</c>): what they list is locked out. The file is read again
/// when it or the CAs change; one that cannot be used changes nothing. A list that is overdue holds on: what it revoked
/// stays revoked.
/// </summary>
public sealed partial class RevocationFile : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(20);
    private static readonly PemLimits PemSize = new(64 * 1024 * 1024, 100);

    private readonly string _path;
    private readonly string _authoritiesPath;
    private readonly RevocationRegistry _registry;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ReloadCount _reloads;
    private readonly WatchedFiles _watch;
    private volatile Content _content = Content.Empty;

    /// <summary>Reads the file, and follows it.</summary>
    /// <param name="path">The file: one list in DER, or any number in PEM.</param>
    /// <param name="authoritiesPath">The CAs of clients, PEM.</param>
    /// <param name="registry">Where it is put what is locked out.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="reloads">Counts what is read again.</param>
    /// <exception cref="PkiFormatException">A list is malformed, or its signature is not that of the CA that it names.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public RevocationFile(
        string path, string authoritiesPath, RevocationRegistry registry, TimeProvider clock, ILogger log, ReloadCount reloads)
    {
        (_path, _authoritiesPath, _registry, _clock, _log, _reloads) = (path, authoritiesPath, registry, clock, log, reloads);
        _watch = new WatchedFiles([path, authoritiesPath], clock, LookEvery, Reload);
        Take(Load());
        _watch.Start();
    }

    /// <summary>The lists in force, by the identifiers of the CAs' keys.</summary>
    public IReadOnlyDictionary<string, PublishedList> Lists => _content.Lists;

    /// <summary>Looks at the files now.</summary>
    public void Check() => _watch.Check();

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>Reads lists; those of CAs that are not known here are left out, as there is no key to verify them by.</summary>
    internal static Content Read(ReadOnlyMemory<byte> file, IReadOnlyList<Certificate> authorities)
    {
        var lists = new Dictionary<string, PublishedList>(StringComparer.Ordinal);
        var marks = new HashSet<string>(StringComparer.Ordinal);
        var strangers = new List<string>();
        foreach (var list in ListsIn(file))
        {
            var named = authorities.Where(authority => authority.Subject.Equals(list.Issuer)).ToList();
            var signers = named.Where(authority => list.Refuse(authority) is null).ToList();
            if (named.Count == 0)
                strangers.Add(list.Issuer.ToString());
            else if (signers.Count == 0)
                throw new PkiFormatException(list.Refuse(named[0])!);
            foreach (var keyId in signers.Select(AuthorityKeyId.Of))
            {
                if (!lists.TryAdd(keyId, PublishedList.Read(list.Der)) && lists[keyId].ThisUpdate < list.ThisUpdate)
                    lists[keyId] = PublishedList.Read(list.Der);
                foreach (var (serial, entry) in list.Entries)
                {
                    if (entry.Reason != RevocationReason.RemoveFromCrl)
                        marks.Add(CertificateMarks.ByIssuer(keyId, serial));
                }
            }
        }

        return new Content(lists, marks.ToFrozenSet(StringComparer.Ordinal), strangers);
    }

    private static IEnumerable<CertificateRevocationList> ListsIn(ReadOnlyMemory<byte> file)
    {
        const byte sequence = 0x30;
        if (!file.IsEmpty && file.Span[0] == sequence)
            return [CertificateRevocationList.Parse(file)];
        var blocks = PemDocument.Parse(file.Span, PemSize).AllOf(PemLabels.Crl);
        return blocks.Count > 0
            ? blocks.Select(block => CertificateRevocationList.Parse(block.Content))
            : throw new PkiFormatException($"expected a revocation list ({PemLabels.Crl}), got none");
    }

    private Content Load()
    {
        var authorities = Certificate.ListFromPem(File.ReadAllText(_authoritiesPath));
        try
        {
            return Read(File.ReadAllBytes(_path), authorities);
        }
        catch (PkiFormatException fault)
        {
            throw new PkiFormatException($"{_path}: {fault.Message}", fault);
        }
    }

    private void Reload()
    {
        try
        {
            Take(Load());
            _reloads.Note(taken: true);
            LogTaken(_path, _content.Marks.Count);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or PkiFormatException)
        {
            _reloads.Note(taken: false);
            LogKept(fault.Message);
        }
    }

    private void Take(Content next)
    {
        var before = _content;
        _content = next;
        foreach (var mark in next.Marks)
            _registry.Put(NameOf(mark), new Lockout(LockoutKind.Certificate, mark));
        foreach (var mark in before.Marks)
        {
            if (!next.Marks.Contains(mark))
                _registry.Remove(NameOf(mark));
        }

        foreach (var stranger in next.Strangers)
            LogStranger(_path, stranger);
        foreach (var list in next.Lists.Values.Where(list => _clock.GetUtcNow() > list.NextUpdate))
            LogOverdue(_path, list.Issuer, list.NextUpdate);
    }

    private static string NameOf(string mark) => "file/" + mark;

    [LoggerMessage(LogLevel.Information, "{Path} was read again: {Count} certificates are revoked by it")]
    private partial void LogTaken(string path, int count);

    [LoggerMessage(LogLevel.Error, "The revocation lists already loaded stay in force, since others cannot be used: {Why}")]
    private partial void LogKept(string why);

    [LoggerMessage(LogLevel.Warning, "{Path} has a list of {Issuer}, which is none of the CAs of clients; what it revokes is let in where that CA is below one of them: add it to --client-ca-file")]
    private partial void LogStranger(string path, string issuer);

    [LoggerMessage(LogLevel.Warning, "{Path}: the list of {Issuer} is overdue since {NextUpdate:u}; what it revoked stays revoked. Fetch the next one")]
    private partial void LogOverdue(string path, string issuer, DateTimeOffset nextUpdate);

    /// <summary>What a file says.</summary>
    /// <param name="Lists">The lists by the identifiers of the CAs' keys.</param>
    /// <param name="Marks">What is revoked, as <see cref="CertificateMarks.ByIssuer"/> writes it.</param>
    /// <param name="Strangers">Issuers of lists that are left out.</param>
    internal sealed record Content(
        IReadOnlyDictionary<string, PublishedList> Lists, FrozenSet<string> Marks, IReadOnlyList<string> Strangers)
    {
        public static Content Empty { get; } = new(FrozenDictionary<string, PublishedList>.Empty, FrozenSet<string>.Empty, []);
    }
}
