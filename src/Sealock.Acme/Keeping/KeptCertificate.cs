// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Orders;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Keeping;

/// <summary>
/// One certificate in a folder of its own: <c>tls.crt</c> (the chain), <c>tls.key</c> (0600), how it is to be had, and what is
/// under way. The next key is there before anything is ordered, so that no crash costs a certificate.
/// </summary>
public sealed class KeptCertificate
{
    /// <summary>The file with the chain.</summary>
    public const string ChainFile = "tls.crt";

    /// <summary>The file with the key.</summary>
    public const string KeyFile = "tls.key";

    private const string NextKeyFile = "next.key";
    private const string SettingsFile = "settings.json";
    private const string StateFile = "renewal.json";

    private readonly KeptFiles _files;

    private KeptCertificate(KeptFiles files) => _files = files;

    /// <summary>The folder.</summary>
    public string Folder => _files.Folder;

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Folder);

    /// <summary>The certificate that is there; null for none, or one that cannot be read.</summary>
    public Certificate? Leaf
    {
        get
        {
            try
            {
                return _files.Read(ChainFile) is { } pem ? Certificate.ListFromPem(pem)[0] : null;
            }
            catch (PkiFormatException)
            {
                return null;
            }
        }
    }

    /// <summary>How it is to be had; null where that was never kept.</summary>
    /// <exception cref="KeepingException">The file is there and cannot be read.</exception>
    public CertificateSettings? Settings => _files.Read(SettingsFile, KeepingJson.Default.CertificateSettings);

    internal RenewalState State
    {
        get => _files.Read(StateFile, KeepingJson.Default.RenewalState) ?? new();
        set => _files.Write(StateFile, value, KeepingJson.Default.RenewalState);
    }

    /// <summary>The certificate of names below a folder; it need not exist yet.</summary>
    /// <param name="home">The folder.</param>
    /// <param name="name">The first of its names, as in <see cref="FolderName"/>.</param>
    public static KeptCertificate Open(string home, string name) => new(new KeptFiles(Path.Combine(home, FolderName(name))));

    /// <summary>One that is below a folder, by the first of its names or by its folder's; null for none.</summary>
    public static KeptCertificate? Find(string home, string text)
    {
        var all = List(home);
        var folder = FolderName(text);
        return all.FirstOrDefault(kept => kept.Name == folder) ?? all.FirstOrDefault(kept => kept.Name == text);
    }

    /// <summary>All that are below a folder, by name.</summary>
    public static IReadOnlyList<KeptCertificate> List(string home) => Directory.Exists(home)
        ? [.. Directory.EnumerateDirectories(home).Where(folder => File.Exists(Path.Combine(folder, SettingsFile)))
            .Order(StringComparer.Ordinal).Select(folder => new KeptCertificate(new KeptFiles(folder)))]
        : [];

    /// <summary>Keeps how it is to be had.</summary>
    public void Keep(CertificateSettings settings) => _files.Write(SettingsFile, settings, KeepingJson.Default.CertificateSettings);

    /// <summary>What is known of it without asking anybody.</summary>
    /// <exception cref="KeepingException">A file is there and cannot be read.</exception>
    public KeptStatus Status
    {
        get
        {
            var (leaf, state) = (Leaf, State);
            var suggested = leaf is not null && state.Certificate == leaf.Sha256Hex && state.Window is { } window
                ? RenewalTiming.Choose(window, leaf, state.Random) : null;
            return new(
                Settings?.Names ?? [], Settings?.Server ?? "", leaf, leaf is null ? null : suggested ?? RenewalTiming.ByLifetime(leaf),
                state.Failures, state.LastFailure, state.NextTry > state.NotBefore ? state.NextTry : state.NotBefore ?? state.NextTry);
        }
    }

    /// <summary>
    /// Forgets it, so that it is not renewed any more: settings, what is under way, the next key. The certificate and its key stay,
    /// for they may be in use; where there is none, the folder goes too.
    /// </summary>
    /// <returns>Whether there is a certificate that stays.</returns>
    public bool Forget()
    {
        foreach (var file in (string[])[SettingsFile, StateFile, NextKeyFile])
            _files.Delete(file);
        if (File.Exists(_files[ChainFile]) || File.Exists(_files[KeyFile]))
            return true;
        _files.Delete(KeptFiles.LockFile);
        try
        {
            Directory.Delete(Folder);
        }
        catch (IOException)
        {
            // Somebody keeps something else in it.
        }

        return false;
    }

    /// <summary>Takes the lock of the folder, which ends with the process; null while another one works on it.</summary>
    /// <exception cref="KeepingException">The folder cannot be made, or not be written.</exception>
    public IDisposable? TryLock() => _files.TryLock();

    /// <summary>
    /// The public half of the key that stands beside the certificate; null for none. A change that was cut off between its two
    /// files is finished first.
    /// </summary>
    internal PublicKeyInfo? SettleKey(Certificate? leaf)
    {
        using var key = TryKey(KeyFile);
        using var next = TryKey(NextKeyFile);
        if (leaf is null || next is null || key?.PublicKey.Equals(leaf.PublicKey) == true || !next.PublicKey.Equals(leaf.PublicKey))
            return key?.PublicKey;
        _files.Rename(NextKeyFile, KeyFile);
        return next.PublicKey;
    }

    /// <summary>The key for the next certificate: the one that was made before, where it fits.</summary>
    internal KeyPair NextKey(KeyAlgorithm algorithm)
    {
        if (TryKey(NextKeyFile) is { } kept)
        {
            if (kept.PublicKey.IsOf(algorithm))
                return kept;
            kept.Dispose();
        }

        var key = KeyPair.Generate(algorithm);
        _files.WriteKey(NextKeyFile, key);
        return key;
    }

    /// <summary>Puts a new certificate in place, and its key, which is the next one.</summary>
    internal void Install(IssuedChain chain)
    {
        _files.Write(ChainFile, chain.ToPem(), AtomicFile.Public);
        _files.Rename(NextKeyFile, KeyFile);
    }

    /// <summary>
    /// The name of a certificate's folder: the first of its names in lower case, a wildcard's asterisk as <c>_</c>, colons as
    /// <c>-</c>. A name that would be taken for a wildcard (<c>_.</c> or <c>__.</c> and so on at its begin) or for the accounts
    /// has one more <c>_</c> in front.
    /// </summary>
    public static string FolderName(string name)
    {
        var plain = name.ToLowerInvariant().TrimStart('.');
        var bare = plain.TrimStart('_');
        var taken = bare == KeptAccount.Accounts || (bare.StartsWith('.') && bare.Length < plain.Length);
        return string.Concat((taken ? "_" + plain : plain).Select(
            letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : letter == '*' ? '_' : '-'));
    }

    private KeyPair? TryKey(string name)
    {
        try
        {
            return _files.Read(name) is { } pem ? KeyPair.FromPem(pem) : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}
