// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Objects;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Rotating;
using Sealock.Cluster.Staging;
using Sealock.Pki.Rotation;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki rotate</c>: a cluster's CAs and its service account key, phase by phase.</summary>
internal static class RotateCommand
{
    private const string All = "all";

    private static readonly TimeSpan LongestToken = TimeSpan.FromDays(3650);

    public static Command Create()
    {
        var work = new NodeWorkOptions();
        var subject = new Argument<string>("WHAT") { Description = "ca, etcd-ca, front-proxy-ca, sa (the service account key), or all" };
        var phase = new Option<string>("--phase") { Description = "only this step: trust, reissue or withdraw; stable forgets a rotation that is over, with its old key", HelpName = "PHASE" };
        phase.AcceptOnlyFromAmong("trust", "reissue", "withdraw", "stable");
        var force = new Option<bool>("--force") { Description = "go on although proofs are missing; what breaks is said" };
        var again = new Option<bool>("--again") { Description = "begin anew although the last rotation is over" };
        var lifetime = new Option<string>("--token-lifetime")
        {
            Description = "how long service account tokens may be valid, which the old key is kept for; kube-apiserver extends bound tokens to a year, and tokens in Secrets never end",
            HelpName = "TIME",
            DefaultValueFactory = _ => "365d",
        };
        var root = new Option<bool>("--root") { Description = "where an intermediate CA signs: replace the root above it, too" };
        var command = new ExampleCommand(
            "rotate",
            "Replace a CA or the service account key without breaking anybody: trust, reissue, withdraw",
            "sealock pki rotate etcd-ca --dir cluster",
            "sealock pki rotate ca --dir cluster --phase trust",
            "sealock pki rotate all --dir cluster --reload-command 'ssh root@$ADDRESS restart-components $NAME'",
            "sealock pki rotate status --dir cluster",
            "sealock pki rotate undo etcd-ca --dir cluster")
        {
            subject, phase, force, again, root, lifetime, RotateStatusCommand.Create(), Undo(),
        };
        work.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var (folder, plan) = work.ReadSet(result);
            var mistakes = new List<string>();
            var options = work.Read(result, folder, plan, mistakes) with { Force = result.GetValue(force), WithRoot = result.GetValue(root) };
            var subjects = Subjects(plan, result.GetRequiredValue(subject), mistakes);
            if (!GoDuration.TryParse(result.GetRequiredValue(lifetime), out var tokens) || tokens > LongestToken)
                mistakes.Add($"--token-lifetime: give a time such as 365d, at most {LongestToken.Days}d");
            if (mistakes.Count > 0)
                throw CommandException.Usage(mistakes);
            var rotator = new Rotator(plan, folder, options with { TokenLifetime = tokens }, TimeProvider.System);
            var only = result.GetValue(phase) is { } name ? PhaseRules.Find(name) : null;
            var outcome = await Translated(() => rotator.RunAsync(subjects, only, result.GetValue(again), cancellationToken));
            return RotationPage.Write(result.InvocationConfiguration.Output, outcome, result.GetRequiredValue(subject), only);
        });
        return command;
    }

    /// <summary>What goes wrong, as one line for the user.</summary>
    public static async Task<T> Translated<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception fault) when (fault is RotationException or StagingException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(fault.Message);
        }
    }

    private static ExampleCommand Undo()
    {
        var work = new NodeWorkOptions();
        var subject = new Argument<string>("WHAT") { Description = "ca, etcd-ca, front-proxy-ca, sa or all", DefaultValueFactory = _ => All };
        var force = new Option<bool>("--force") { Description = "go back although nodes have not reached the phase" };
        var command = new ExampleCommand(
            "undo",
            "Return a rotation to the phase before",
            "sealock pki rotate undo --dir cluster",
            "sealock pki rotate undo etcd-ca --dir cluster --reload-command 'ssh root@$ADDRESS restart-components $NAME'")
        {
            subject, force,
        };
        work.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var (folder, plan) = work.ReadSet(result);
            var mistakes = new List<string>();
            var options = work.Read(result, folder, plan, mistakes) with { Force = result.GetValue(force) };
            var subjects = Subjects(plan, result.GetRequiredValue(subject), mistakes);
            if (mistakes.Count > 0)
                throw CommandException.Usage(mistakes);
            var outcome = await Translated(() => new Rotator(plan, folder, options, TimeProvider.System).UndoAsync(subjects, cancellationToken));
            return RotationPage.WriteUndone(result.InvocationConfiguration.Output, outcome);
        });
        return command;
    }

    private static IReadOnlyList<string> Subjects(ClusterPlan plan, string name, List<string> mistakes)
    {
        var known = Rotator.SubjectsOf(plan);
        if (name == All)
            return known;
        if (!known.Contains(name))
            mistakes.Add($"there is no {name} to rotate; there are: {string.Join(", ", known)}, all");
        return [name];
    }
}
