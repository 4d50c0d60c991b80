// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Hosting;

/// <summary>Where a server keeps what it makes itself. The folder is for its owner alone.</summary>
/// <param name="Path">The folder.</param>
internal sealed record DataFolder(string Path)
{
    /// <summary>The folder that <c>up</c> uses when none is named.</summary>
    public static string Default { get; } = System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
            ? home
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
        "sealock");

    /// <summary>Certificates and keys, under kubeadm's names.</summary>
    public string Pki => In("pki");

    public string CaCertificate => In("pki/ca.crt");

    public string CaKey => In("pki/ca.key");

    public string ServingCertificate => In("pki/apiserver.crt");

    public string ServingKey => In("pki/apiserver.key");

    public string ServiceAccountKey => In("pki/sa.key");

    public string ServiceAccountPublicKey => In("pki/sa.pub");

    /// <summary>The keys that encrypt Secrets at rest.</summary>
    public string EncryptionKeys => In("encryption-keys.json");

    /// <summary>The store's folder.</summary>
    public string Store => In("store");

    /// <summary>The administrator's kubeconfig.</summary>
    public string AdminKubeconfig => In("admin.conf");

    /// <summary>What must be known to set the server up; there only until that is done.</summary>
    public string SetupSecret => In("setup-secret");

    /// <summary>Makes the folders that are missing.</summary>
    /// <exception cref="CommandException">They cannot be made, or the folder is open to others.</exception>
    public void Create()
    {
        try
        {
            AtomicFile.CreateFolder(Path);
            AtomicFile.CreateFolder(Pki);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{Path} cannot be used: {error.Message.TrimEnd('.')}. Name another folder with --data.");
        }

        const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(Path) & others) != 0)
            throw new CommandException($"{Path} is open to other users, and it holds private keys. Close it: chmod 700 {Path}");
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
