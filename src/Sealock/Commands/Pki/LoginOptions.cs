// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Cluster.Distributing;

namespace Sealock.Commands.Pki;

/// <summary>The options that say how ssh gets into a node.</summary>
/// <param name="when">Stands before each description where the options need another one beside them.</param>
internal sealed class LoginOptions(string when = "")
{
    private readonly Option<string> _user = new("--user") { Description = when + "who logs in, where cluster.yaml names nobody", HelpName = "NAME" };
    private readonly Option<bool> _sudo = new("--sudo") { Description = when + "become root on the node (sudo, without a password)" };
    private readonly Option<string[]> _sshOptions = new("--ssh-option") { Description = when + "as for ssh -o, such as IdentityFile=key; repeatable", HelpName = "KEY=VALUE" };

    /// <summary>Adds all.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _user, _sudo, _sshOptions })
            command.Options.Add(option);
    }

    /// <summary>How to ship, as the command line says.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="mistakes">Takes what is wrong; the caller tells all at once.</param>
    public ShippingOptions Read(ParseResult result, List<string> mistakes)
    {
        var (user, sshOptions) = (result.GetValue(_user), result.GetValue(_sshOptions) ?? []);
        if (user is not null && !SshTarget.IsUser(user))
            mistakes.Add($"--user: \"{user}\" is no user's name");
        mistakes.AddRange(sshOptions.Where(option => !option.Contains('=', StringComparison.Ordinal))
            .Select(option => $"--ssh-option: \"{option}\": write KEY=VALUE, such as IdentityFile=key"));
        return new() { User = user, Sudo = result.GetValue(_sudo), SshOptions = sshOptions };
    }
}
