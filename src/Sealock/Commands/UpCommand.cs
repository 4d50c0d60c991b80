// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Net;
using Sealock.Hosting;
using Sealock.Settings;

namespace Sealock.Commands;

/// <summary><c>sealock up</c>: everything from nothing, on this machine; with those settings of a server that need no files of others.</summary>
internal static class UpCommand
{
    private const string Address = "bind-address";

    private static readonly string[] Offered =
    [
        "data", Address, "secure-port", "listen", "http-port", "hostname", "crl-url", "cluster-signing-duration", "cluster-resource-namespace",
        "trust-namespace", "filter-expired-certificates", "probe-allow", "acme-tls-alpn-forwarded", "acme-dns01-hook", "acme-dns-servers", "signer",
    ];

    public static Command Create()
    {
        var command = new ExampleCommand(
            "up",
            "Create what is missing (CA, certificates, keys, store) and serve; sealock server has all settings",
            "sealock up",
            "sealock up --data ./cluster --bind-address 0.0.0.0 --hostname k8s.example.com",
            "sealock up --bind-address 0.0.0.0 --http-port 80");
        var options = new List<(Setting Setting, Option Option)>();
        var data = CommonOptions.Data();
        foreach (var name in Offered)
        {
            var setting = ServerSettingTable.All.Single(setting => setting.Name == name);
            Option option = name == "data" ? data
                : name == Address ? (setting with { Help = "address to listen on (default 127.0.0.1)" }).Option()
                : setting.Option();
            command.Options.Add(option);
            options.Add((setting, option));
        }

        command.SetAction(async (result, cancellationToken) =>
        {
            await ServerRun.ServeAsync(
                Settings(result, options, Path.GetFullPath(result.GetRequiredValue(data))), result.InvocationConfiguration.Output, cancellationToken);
            return 0;
        });
        return command;
    }

    private static ServerSettings Settings(ParseResult result, IEnumerable<(Setting Setting, Option Option)> options, string data)
    {
        var reader = new SettingsReader { BindAddress = IPAddress.Loopback };
        foreach (var (setting, option) in options)
        {
            if (result.GetResult(option) is not { Implicit: false } given)
                continue;
            foreach (var value in given.Tokens.Select(token => token.Value).DefaultIfEmpty(""))
                reader.Apply(setting, option.Name, value);
        }

        var settings = reader.Finish(data) with { DataDirectory = data };
        return reader.Mistakes.Count == 0 ? settings : throw CommandException.Usage(reader.Mistakes);
    }
}
