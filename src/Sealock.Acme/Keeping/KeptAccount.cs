// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Keeping;

/// <summary>
/// The account of one server, in a folder: its key (0600) and its URL. A key that was to replace it, and of which it is not
/// known whether it did, is beside it until that is found out.
/// </summary>
public sealed class KeptAccount : IDisposable
{
    /// <summary>The folder of accounts, which no certificate shares.</summary>
    internal const string Accounts = "accounts";
    private const string KeyFile = "account.key";
    private const string NextKeyFile = "next-account.key";
    private const string RecordFile = "account.json";
    private static readonly TimeSpan TurnPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(2);

    private readonly KeptFiles _files;
    private readonly AcmeClient _client;
    private readonly string? _caFile;
    private KeyPair? _key;

    private KeptAccount(KeptFiles files, AcmeClient client, string? caFile, KeyPair? key) =>
        (_files, _client, _caFile, _key) = (files, client, caFile, key);

    /// <summary>The folder.</summary>
    public string Folder => _files.Folder;

    /// <summary>Whether there is a key.</summary>
    public bool Exists => _key is not null;

    /// <summary>Opens the account of a server below a folder; it need not exist yet.</summary>
    /// <param name="home">The folder.</param>
    /// <param name="client">The server.</param>
    /// <param name="caFile">The file of CAs that the server is verified by, to be kept; null for those of the system.</param>
    /// <exception cref="KeepingException">A file is there and cannot be read.</exception>
    public static KeptAccount Open(string home, AcmeClient client, string? caFile)
    {
        var url = client.DirectoryUrl;
        var name = new string([.. $"{url.Authority}{url.AbsolutePath}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')]);
        var files = new KeptFiles(Path.Combine(home, Accounts, name.Trim('_', '.')));
        return new(files, client, caFile, files.ReadKey(KeyFile));
    }

    /// <summary>The account, made where there is none yet, and found again where the server or this machine forgot it.</summary>
    /// <param name="request">Contact, agreement, external account; <see cref="AcmeAccountRequest.OnlyExisting"/> makes none.</param>
    /// <param name="fresh">Asks the server even where the URL is known.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AcmeResult<AcmeAccount>> GetAsync(AcmeAccountRequest request, bool fresh = false, CancellationToken cancellationToken = default)
    {
        // Several may begin at once in a new folder: the second finds what the first has made.
        using var turn = _key is null && request.OnlyExisting ? null : await TakeTurnAsync(cancellationToken);
        // Another process may have changed the key meanwhile.
        Reload();
        if (await SettleKeyAsync(cancellationToken) is { } unsettled)
            return AcmeResult<AcmeAccount>.Failed(unsettled);
        if (_key is null)
        {
            if (request.OnlyExisting)
                return AcmeResult<AcmeAccount>.Failed(new(AcmeFailureKind.Refused,
                    $"there is no account key for {_client.DirectoryUrl.Authority} in {Folder}: sealock acme issue makes one, --server and --dir name another"));
            _key = KeyPair.Generate();
            // Before the account: one whose key is lost cannot be had back.
            _files.WriteKey(KeyFile, _key);
        }

        var key = new AccountKey(_key);
        var known = _files.Read(RecordFile, KeepingJson.Default.KeptAccountRecord);
        if (!fresh && known is { Url.Length: > 0 })
            return AcmeResult<AcmeAccount>.Of(new(key, known.Url));
        // What was agreed to and told once counts when the server has forgotten it.
        var agreed = request.AgreesToTerms || known?.Agreed == true;
        var contact = request.Contact.Count > 0 ? request.Contact : known?.Contact ?? [];
        var facts = await _client.NewAccountAsync(key, request with { AgreesToTerms = agreed, Contact = contact }, cancellationToken);
        if (!facts.IsOk)
            return AcmeResult<AcmeAccount>.Failed(facts.Failure);
        Keep(facts.Value, agreed);
        return AcmeResult<AcmeAccount>.Of(new(key, facts.Value.Url));
    }

    /// <summary>Keeps what the server says of the account.</summary>
    public void Keep(AcmeAccountFacts facts, bool agreed) => _files.Write(
        RecordFile,
        new() { Server = _client.DirectoryUrl.AbsoluteUri, Url = facts.Url, Contact = facts.Contact, Agreed = agreed, CaFile = _caFile },
        KeepingJson.Default.KeptAccountRecord);

    /// <summary>The servers that there are accounts of below a folder, each with the file of CAs that it is verified by.</summary>
    public static IReadOnlyList<(string Server, string? CaFile)> Servers(string home)
    {
        var folder = Path.Combine(home, Accounts);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(found => new KeptFiles(found).Read(RecordFile, KeepingJson.Default.KeptAccountRecord))
                .OfType<KeptAccountRecord>().Select(record => (record.Server, record.CaFile))]
            : [];
    }

    /// <summary>Replaces the account's key by a new one.</summary>
    public async Task<AcmeResult<AcmeAccount>> ChangeKeyAsync(AcmeAccount account, KeyAlgorithm algorithm, CancellationToken cancellationToken = default)
    {
        // Whoever looks at the new key before the server has it would take it for refused, and delete it.
        using var turn = await TakeTurnAsync(cancellationToken);
        using var next = KeyPair.Generate(algorithm);
        _files.WriteKey(NextKeyFile, next);
        var changed = await _client.ChangeKeyAsync(account, new AccountKey(next), cancellationToken);
        if (changed.IsOk)
        {
            _files.Rename(NextKeyFile, KeyFile);
            Reload();
            return AcmeResult<AcmeAccount>.Of(new(new AccountKey(_key!), account.Url));
        }

        // Where it is not known what became of the request, both keys are kept, and the next use finds out.
        if (!changed.Failure.IsTransient)
            _files.Delete(NextKeyFile);
        return changed;
    }

    /// <summary>Forgets the account, its key too: after it was given up.</summary>
    public void Forget()
    {
        _files.Delete(RecordFile);
        _files.Delete(KeyFile);
        _files.Delete(NextKeyFile);
        _key?.Dispose();
        _key = null;
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();

    /// <summary>Finds out which key the account has, after a change of which the answer was lost.</summary>
    private async Task<AcmeFailure?> SettleKeyAsync(CancellationToken cancellationToken)
    {
        using var next = _files.ReadKey(NextKeyFile);
        if (next is null)
            return null;
        var found = await _client.NewAccountAsync(new AccountKey(next), new() { OnlyExisting = true }, cancellationToken);
        if (found.IsOk)
            _files.Rename(NextKeyFile, KeyFile);
        else if (found.Failure.Is(ProblemKinds.AccountDoesNotExist))
            _files.Delete(NextKeyFile);
        else
            return found.Failure;
        Reload();
        return null;
    }

    private async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        for (var began = _client.Clock.GetTimestamp(); ; await Task.Delay(TurnPoll, _client.Clock, cancellationToken))
        {
            if (_files.TryLock() is { } turn)
                return turn;
            if (_client.Clock.GetElapsedTime(began) > LongestTurn)
                throw new KeepingException($"another sealock is at work with the account in {Folder}: let it end");
        }
    }

    private void Reload()
    {
        var read = _files.ReadKey(KeyFile);
        if (read is not null && read.PublicKey == _key?.PublicKey)
        {
            // Somebody may be signing with the one that is there.
            read.Dispose();
            return;
        }

        _key?.Dispose();
        _key = read;
    }
}
