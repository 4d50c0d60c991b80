// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Gateway.Users;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock user</c>: who may log in with a password.</summary>
internal static class UserCommand
{
    private static readonly AdministratorOptions Administrator = new();
    private static readonly Option<string> PasswordFile = PasswordInput.Option();

    public static Command Create() => new ExampleCommand(
        "user", "Users who log in with a password",
        "sealock user create jane --group developers",
        "sealock user list",
        "sealock user disable jane")
    {
        CreateCreate(), CreateList(), CreatePassword(), CreateSwitch("disable", true), CreateSwitch("enable", false), CreateDelete(),
    };

    private static Argument<string> Name() => new("name") { Description = "the user's name" };

    private static ExampleCommand CreateCreate()
    {
        var name = Name();
        var groups = new Option<string[]>("--group") { Description = "group of the user; repeatable", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var command = new ExampleCommand(
            "create", "Make a user", "sealock user create jane --group developers", "sealock user create ci --password-file - < secret")
        {
            name, groups, PasswordFile, Administrator.Kubeconfig, Administrator.Data,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (users, output) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            var password = NewPassword(result, user);
            var made = await users.CreateAsync(user, [.. result.GetValue(groups) ?? []], mayExist: false, cancellationToken);
            await users.SetPasswordAsync(made, PasswordHash.Create(password), cancellationToken);
            output.WriteLine($"user {user} is there; give rights with kubectl create rolebinding or clusterrolebinding --user={user}");
        }));
        return command;
    }

    private static ExampleCommand CreateList()
    {
        var format = OutputFormat.Option();
        var command = new ExampleCommand("list", "List the users", "sealock user list", "sealock user list -o json")
        {
            Administrator.Kubeconfig, Administrator.Data, format,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (users, output) =>
        {
            var all = await users.ListAsync(cancellationToken);
            if (result.GetValue(format) is { } chosen and not "table")
            {
                OutputFormat.Write(output, chosen, new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "List",
                    ["items"] = new JsonArray([.. all.Select(user => user.DeepClone())]),
                });
                return;
            }

            var table = new TextTable("NAME", "GROUPS", "DISABLED");
            foreach (var user in all)
            {
                table.Add(
                    Printable.Of(user["metadata"]?["name"]?.GetValue<string>() ?? ""),
                    Printable.Of(string.Join(",", (user["spec"]?["groups"] as JsonArray ?? []).Select(group => group?.GetValue<string>()))),
                    user["spec"]?["disabled"]?.GetValue<bool>() == true ? "yes" : "no");
            }

            table.Write(output, Terminal.Current());
        }));
        return command;
    }

    private static ExampleCommand CreatePassword()
    {
        var name = Name();
        var command = new ExampleCommand("password", "Give a user another password", "sealock user password jane")
        {
            name, PasswordFile, Administrator.Kubeconfig, Administrator.Data,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (users, output) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            var known = await users.FindAsync(user, cancellationToken) ?? throw Unknown(user);
            await users.SetPasswordAsync(known, PasswordHash.Create(NewPassword(result, user)), cancellationToken);
            output.WriteLine($"the password of {user} is changed; tokens that {user} has stay good (kubectl delete logintokens ends them)");
        }));
        return command;
    }

    private static ExampleCommand CreateSwitch(string verb, bool disabled)
    {
        var name = Name();
        var command = new ExampleCommand(
            verb,
            disabled ? "Lock a user out: tokens are refused at once, and open watches end" : "Let a disabled user in again",
            $"sealock user {verb} jane")
        {
            name, Administrator.Kubeconfig, Administrator.Data,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (users, output) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            if (!await users.DisableAsync(user, disabled, cancellationToken))
                throw Unknown(user);
            output.WriteLine($"user {user} is {verb}d");
        }));
        return command;
    }

    private static ExampleCommand CreateDelete()
    {
        var name = Name();
        var command = new ExampleCommand("delete", "Remove a user: tokens are refused at once, and open watches end", "sealock user delete jane")
        {
            name, Administrator.Kubeconfig, Administrator.Data,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, async (users, output) =>
        {
            var user = Checked(result.GetRequiredValue(name));
            await users.DeleteAsync(user, cancellationToken);
            output.WriteLine($"user {user} is gone");
        }));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, Func<LocalUserStore, TextWriter, Task> work)
    {
        using var cluster = Administrator.Open(result);
        return await AdministratorOptions.RunAsync(cluster, async () =>
        {
            await work(new LocalUserStore(cluster.Client), result.InvocationConfiguration.Output);
            return 0;
        });
    }

    private static string Checked(string name) => NameRules.DnsSubdomain(name).Count == 0
        ? name
        : throw new CommandException($"\"{name}\" is no user name; use lower-case letters, digits, '-' and '.'", 2);

    private static string NewPassword(ParseResult result, string user)
    {
        var password = PasswordInput.Read(result.GetValue(PasswordFile), $"New password of {user}: ", isNew: true);
        return PasswordRules.Refuse(password, user) is { } fault ? throw new CommandException($"the password {fault}", 2) : password;
    }

    private static CommandException Unknown(string user) => new($"there is no user {user}: sealock user list");
}
