// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Keeping;
using Sealock.Hosting;

namespace Sealock.Commands.Acme;

/// <summary>Which ACME server, and where its account and certificates are kept.</summary>
internal sealed class ServerOptions
{
    public const string LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

    private static readonly Dictionary<string, string> KnownServers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["letsencrypt"] = LetsEncrypt,
        ["letsencrypt-staging"] = "https://acme-staging-v02.api.letsencrypt.org/directory",
    };

    private readonly Option<string> _server = new("--server")
    {
        Description = "URL of the ACME server's directory, or letsencrypt, or letsencrypt-staging (default: the only one with an account here, else letsencrypt)",
        HelpName = "URL",
    };

    private readonly Option<string> _caFile = new("--ca-file") { Description = "CAs that the ACME server's own certificate must lead to (default: those of the system)", HelpName = "FILE" };
    private readonly Option<string> _directory = DirectoryOption();

    public static Option<string> DirectoryOption()
    {
        var option = new Option<string>("--dir", "--out")
        {
            Description = "folder of accounts and certificates; each certificate has a folder of its own in it",
            HelpName = "DIR",
            DefaultValueFactory = _ => DataFolder.Default + "-acme",
        };
        option.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
                result.AddError("--dir: name a folder, such as ./acme");
        });
        return option;
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _server, _caFile, _directory })
            command.Options.Add(option);
    }

    public string Directory(ParseResult result) => Path.GetFullPath(result.GetRequiredValue(_directory));

    /// <summary>The server that was named, or is meant; with the file of CAs to verify it by.</summary>
    public (string Server, string? CaFile) Read(ParseResult result)
    {
        var caFile = result.GetValue(_caFile) is { } file ? Path.GetFullPath(file) : null;
        var known = KeptAccount.Servers(Directory(result));
        if (result.GetValue(_server) is { } named)
        {
            var url = KnownServers.GetValueOrDefault(named, named);
            return (url, caFile ?? known.FirstOrDefault(account => account.Server == url).CaFile);
        }

        return known.Count == 1 ? (known[0].Server, caFile ?? known[0].CaFile) : (LetsEncrypt, caFile);
    }
}
