// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>Users with passwords: logging in, kubectl with the plugin, and how what they hold is taken from them.</summary>
public sealed class LoginTests : LoggingIn
{
    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Kubectl_comes_in_with_a_login_until_logout_and_nothing_secret_stands_in_the_kubeconfig()
    {
        await using var server = await SetUpAsync();
        var output = (await server.ShellAsync(Prelude +
            """
            sealock login --server https://127.0.0.1:$PORT --ca-sha256 $SHA --username admin --password-file password | head -1 | cut -d' ' -f1-4
            kubectl auth whoami -o jsonpath='{.status.userInfo.username} {.status.userInfo.groups}'; echo
            grep -c sealock_ home/.kube/config || true
            find home/.local/state/sealock -type f -printf '%m\n'
            sealock user list | tail -1 | tr -s ' '
            KUBERNETES_EXEC_INFO='{"apiVersion":"client.authentication.k8s.io/v1beta1"}' sealock token --server https://127.0.0.1:$PORT --username admin | grep -o 'v1beta1'
            token=$(sealock token --server https://127.0.0.1:$PORT --username admin | sed 's/.*"token":"\([^"]*\)".*/\1/')
            ask localhost /api/v1/namespaces -H "Authorization: Bearer $token" -o /dev/null -w '%{http_code}\n'
            sealock logout | cut -d' ' -f1-4
            ask localhost /api/v1/namespaces -H "Authorization: Bearer $token" -o /dev/null -w '%{http_code}\n'
            kubectl get namespaces 2>&1 | grep -o 'admin is not logged in' | head -1
            admin get logintokens -o name | wc -l
            """)).Succeeded();
        Assert.Equal(
            [
                "admin is logged in", """admin ["kubeadm:cluster-admins","system:authenticated"]""", "0", "600", "admin kubeadm:cluster-admins no",
                "v1beta1", "200", "admin is logged out", "401", "admin is not logged in", "0",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("sealock_", server.Process.Log, StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task A_token_is_refused_once_its_object_or_its_user_is_gone_or_disabled_and_users_get_no_more_than_roles_give()
    {
        await using var server = await SetUpAsync();
        var output = (await server.ShellAsync(Prelude +
            """
            for user in ann ben cid; do sealock user create $user --group developers --password-file password --data data >/dev/null; done
            login ann; as ann
            admin create clusterrolebinding developers --clusterrole view --group developers >/dev/null
            as ann
            kubectl --kubeconfig ann.conf get secrets -A 2>&1 | grep -o 'secrets is forbidden'
            kubectl --kubeconfig ann.conf create -f - 2>&1 <<< '{"apiVersion":"sealock.dev/v1","kind":"LocalUser","metadata":{"name":"eve"},"spec":{"groups":["kubeadm:cluster-admins"]}}' | grep -o 'localusers.sealock.dev is forbidden'
            admin create clusterrole users --verb='*' --resource=localusers.sealock.dev,logintokens.sealock.dev >/dev/null
            admin create clusterrolebinding users --clusterrole users --user ann >/dev/null
            kubectl --kubeconfig ann.conf create -f - 2>&1 <<< '{"apiVersion":"sealock.dev/v1","kind":"LocalUser","metadata":{"name":"eve"},"spec":{"groups":["kubeadm:cluster-admins"]}}' | grep -o 'cannot impersonate resource "users"'
            kubectl --kubeconfig ann.conf create -f - 2>&1 <<< '{"apiVersion":"sealock.dev/v1","kind":"LoginToken","metadata":{"name":"login-eve"},"spec":{"user":"admin","userUID":"x","expires":"2099-01-01T00:00:00Z","tokenSHA256":"'$(printf sealock_x | sha256sum | cut -d' ' -f1)'"}}' | grep -o 'made by logging in'
            admin create -f - 2>&1 <<< '{"apiVersion":"sealock.dev/v1","kind":"LocalUser","metadata":{"name":"eve"},"spec":{"groups":["system:masters"]}}' | grep -o 'groups of the system are not given to users'
            admin delete logintokens --all >/dev/null; as ann
            login ben; as ben; sealock user disable ben --data data; as ben; login ben 2>/dev/null || echo "no login"; sealock user enable ben --data data; as ben; login ben; as ben
            login cid; as cid; sealock user delete cid --data data; as cid; sealock user create cid --group developers --password-file password --data data >/dev/null; as cid; login cid; as cid
            echo another good password > password; sealock user password cid --password-file password --data data >/dev/null; login cid && echo "new password"
            """)).Succeeded();
        Assert.Equal(
            [
                "ann is refused", "ann comes in", "secrets is forbidden", "localusers.sealock.dev is forbidden", "cannot impersonate resource \"users\"",
                "made by logging in", "groups of the system are not given to users", "ann is refused",
                "ben comes in", "user ben is disabled", "ben is refused", "no login", "user ben is enabled", "ben comes in", "ben comes in",
                "cid comes in", "user cid is gone", "cid is refused", "cid is refused", "cid comes in", "new password",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Users_change_their_own_password_and_their_other_logins_end()
    {
        await using var server = await SetUpAsync();
        var output = (await server.ShellAsync(Prelude +
            """
            sealock user create jane --group kubeadm:cluster-admins --password-file password --data data >/dev/null
            echo 'another good password' > new; echo short > short
            XDG_STATE_HOME=$PWD/elsewhere login jane; cp jane.conf other.conf
            login jane
            sealock password --password-file new --new-password-file new 2>&1 || true
            sealock password --password-file password --new-password-file short 2>&1 || true
            sealock password --password-file password --new-password-file password 2>&1 || true
            as jane
            cat password new | sealock password --password-file - --new-password-file - | cut -d' ' -f1-6
            as jane
            XDG_STATE_HOME=$PWD/elsewhere as other
            login jane 2>&1 || true
            cp new password; login jane && as jane
            post /password -d '{"username":"jane","password":"wrong wrong wrong","newPassword":"yet another password"}'
            post /password -d '{"username":"nobody","password":"wrong wrong wrong","newPassword":"yet another password"}'
            sealock password --username ann 2>&1 || true
            """)).Succeeded();
        Assert.Equal(
            [
                "sealock: user name or password is wrong, or the user is disabled", "sealock: the new password must have at least 12 characters",
                "sealock: newPassword: is the one before; choose another", "jane comes in", "the password of jane is changed;", "jane comes in",
                "other is refused", "sealock: user name or password is wrong, or the user is disabled", "jane comes in", "401", "401",
                "sealock: ann is not logged in; name one with --server and --username",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Who_may_read_and_write_Secrets_everywhere_neither_reads_nor_sets_passwords()
    {
        await using var server = await SetUpAsync();
        var output = (await server.ShellAsync(Prelude +
            """
            sealock user create ed --group editors --password-file password --data data >/dev/null
            admin create clusterrolebinding editors --clusterrole admin --group editors >/dev/null
            login ed; ed() { kubectl --kubeconfig ed.conf "$@"; }
            ed get secrets -A -o name >/dev/null && echo "reads Secrets"
            ed get secrets -A -o yaml | grep -c pbkdf2 || true
            for verb in get list watch create update patch delete; do ed auth can-i $verb localuserpasswords.sealock.dev || true; done | sort | uniq -c | tr -s ' '
            admin get localuserpassword admin -o json | sed 's/pbkdf2-sha512:[^"]*/&/' > hash.json; grep -c pbkdf2-sha512 hash.json
            grep -rac pbkdf2-sha512 data --include='*.db*' | cut -d: -f2 | sort -u
            admin create clusterrole passwords --verb='*' --resource=localuserpasswords.sealock.dev >/dev/null
            admin create clusterrolebinding passwords --clusterrole passwords --user ed >/dev/null
            ed replace -f hash.json 2>&1 | grep -o 'cannot impersonate resource "users"'
            admin delete localuser ed >/dev/null; sleep 0.2
            admin create -f - >/dev/null <<< '{"apiVersion":"sealock.dev/v1","kind":"LocalUser","metadata":{"name":"ed"},"spec":{}}'
            sleep 0.2; login ed 2>&1 || echo "a later user has no password of the one before"
            """)).Succeeded();
        Assert.Equal(
            [
                "reads Secrets", "0", " 7 no", "1", "0", "cannot impersonate resource \"users\"",
                "sealock: user name or password is wrong, or the user is disabled", "a later user has no password of the one before",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [PeerFact("openssl", "curl")]
    public async Task Passwords_cannot_be_tried_at_will_and_unknown_users_look_like_known_ones()
    {
        await using var server = await SetUpAsync();
        var output = (await server.ShellAsync(
            """
            for user in admin nobody 'not a name'; do post /login -d '{"username":"'"$user"'","password":"wrong wrong wrong"}'; tr -d '\n ' < answer; echo; done
            post /login -d '{"username":"admin"}'
            post /login -d '{"username":"admin","password":"correct horse battery staple","expirationSeconds":1}'
            curl -sS --cacert data/pki/ca.crt https://127.0.0.1:$PORT/login -o /dev/null -w '%{http_code}\n'
            post "/login?try=[1-50]" -Z -d '{"username":"admin","password":"wrong wrong wrong"}' | sort | uniq -c | tr -s ' '
            """)).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["401", "401", "401"], [output[0], output[2], output[4]]);
        Assert.Equal(output[1], output[3]);
        Assert.Equal(output[1], output[5]);
        Assert.Equal(["401", "400", "405"], output[6..9]);
        Assert.Contains(output[9..], line => line.EndsWith(" 429", StringComparison.Ordinal));
    }
}
